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

set NEEDED=
if not exist "%BIN%\python.exe" set NEEDED=1
for %%L in (%LISTS%) do fc /b "requirements\%%L.txt" ".dev\venv\%%L.installed" >nul 2>nul || set NEEDED=1
if not defined NEEDED goto installed
if not exist .dev mkdir .dev 2>nul
if not exist .dev goto read_only
rem One at a time: Windows lets one process write to the lock, and frees it however that process ends.
set HELD=
set FAILED=
set WAITING=
:lock
2>nul (9>".dev\lock" (ver >nul)) && 9>".dev\lock" call :install
if defined FAILED exit /b 1
if defined HELD goto installed
2>nul (>".dev\%RANDOM%.probe" (ver)) || goto read_only
del /q ".dev\*.probe" >nul 2>nul
if not defined WAITING echo dev: another dev is installing here; waiting for it 1>&2
set WAITING=1
ping -n 2 127.0.0.1 >nul
goto lock
:installed
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
exit /b

:install
set HELD=1
where uv >nul 2>nul && goto have_uv
set UV=.dev\uv\Scripts\uv.exe
if exist "%UV%" goto have_uv
py -3 -m venv .dev\uv
if errorlevel 1 (
    set FAILED=1
    echo dev: Python 3.11, 3.12 or 3.13 is needed and none was found. Install one, then run this again. 1>&2
    exit /b 1
)
.dev\uv\Scripts\python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements\uv.txt || goto stopped
:have_uv
if not exist "%BIN%\python.exe" ("%UV%" venv --quiet .dev\venv || goto stopped)
for %%L in (%LISTS%) do (
    fc /b "requirements\%%L.txt" ".dev\venv\%%L.installed" >nul 2>nul || (
        echo dev: installing requirements\%%L.txt 1>&2
        "%UV%" pip install --quiet --require-hashes -r "requirements\%%L.txt" || goto stopped
        "%UV%" pip install --quiet --no-deps --build-constraints requirements\build.txt --editable . || goto stopped
        set "UV=%UV%" & "%BIN%\python" design\vendor.py || echo dev: going on without the console's map 1>&2
        copy /y "requirements\%%L.txt" ".dev\venv\%%L.installed" >nul || goto stopped
    )
)
exit /b 0

:stopped
set FAILED=1
echo dev: installing stopped; the reason stands above. Free about 2 GB where the disk is full. Else check the network; behind a proxy set HTTPS_PROXY, and SSL_CERT_FILE to the file of its certificate. Then run the same command again: it goes on where it stopped. 1>&2
exit /b 1

:read_only
echo dev: %CD% cannot be written. Copy the project to a folder of yours, then run this again. 1>&2
exit /b 1
