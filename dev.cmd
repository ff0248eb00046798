@echo off
rem The one interface for people, on Windows: dev demo, dev test, dev run ARGS, dev lint.
setlocal
cd /d "%~dp0"
set UV_PYTHON_DOWNLOADS=never
set VIRTUAL_ENV=%CD%\.dev\venv
set BIN=%CD%\.dev\venv\Scripts
set UV=uv
set LISTS=run
if "%~1"=="test" set LISTS=test
if "%~1"=="lint" set LISTS=test lint
if "%~1"=="" goto usage
if "%~1"=="help" goto usage

where uv >nul 2>nul && goto have_uv
set UV=.dev\uv\Scripts\uv.exe
if exist "%UV%" goto have_uv
py -3 -m venv .dev\uv || (echo dev: Python 3.11 or later is needed. & exit /b 1)
.dev\uv\Scripts\python -m pip install --quiet --disable-pip-version-check uv || exit /b 1
:have_uv
if not exist "%BIN%\python.exe" ("%UV%" venv --quiet .dev\venv || exit /b 1)
for %%L in (%LISTS%) do (
    fc /b "requirements\%%L.txt" ".dev\venv\%%L.installed" >nul 2>nul || (
        echo dev: installing requirements\%%L.txt 1>&2
        "%UV%" pip install --quiet --require-hashes -r "requirements\%%L.txt" || exit /b 1
        "%UV%" pip install --quiet --no-deps --editable . || exit /b 1
        set "UV=%UV%" & "%BIN%\python" design\vendor.py || echo dev: going on without the console's map 1>&2
        copy /y "requirements\%%L.txt" ".dev\venv\%%L.installed" >nul
    )
)
set COMMAND=%~1
set REST=
:collect
shift
if "%~1"=="" goto go
set REST=%REST% %1
goto collect
:go
if "%COMMAND%"=="demo" ("%BIN%\watchfloor" demo %REST% & exit /b)
if "%COMMAND%"=="run" ("%BIN%\watchfloor" %REST% & exit /b)
if "%COMMAND%"=="test" ("%BIN%\python" -m pytest %REST% & exit /b)
if "%COMMAND%"=="lint" (
    "%BIN%\ruff" check . && "%BIN%\ruff" format --check . && "%BIN%\mypy" && "%BIN%\lint-imports"
    exit /b
)
:usage
echo dev demo [ARGS]   make an exercise, run every desk, print the queue of leads
echo dev test [ARGS]   run the tests
echo dev run ARGS      the watchfloor command itself
echo dev lint          ruff, mypy --strict, import contracts
