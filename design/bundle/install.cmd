@echo off
rem Install Watchfloor from this folder, without a network: install.cmd [FOLDER]
setlocal
set HERE=%~dp0
set TARGET=%~1
if "%TARGET%"=="" set TARGET=%USERPROFILE%\watchfloor
py -@PYTHON@ -c "" 2>nul || (echo install: this bundle is for Python @PYTHON@, which was not found. Install it. & exit /b 1)
py -@PYTHON@ -m venv --without-pip "%TARGET%" || exit /b 1
for %%P in ("%HERE%wheels\pip-*.whl") do set PIP=%%P\pip
py -@PYTHON@ "%PIP%" --python "%TARGET%\Scripts\python.exe" install --quiet --no-index --no-cache-dir ^
    --disable-pip-version-check --find-links "%HERE%wheels" --require-hashes -r "%HERE%requirements.txt" || exit /b 1
echo installed: %TARGET%\Scripts\watchfloor.exe
