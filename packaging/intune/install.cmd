@echo off
rem certrebind.exe lies beside this file. The exit code is that of the first command that failed.
"%~dp0certrebind.exe" install --yes --wait
if not %ERRORLEVEL%==0 exit /b %ERRORLEVEL%
"C:\Program Files\CertRebind\certrebind.exe" enable --replace-native --yes --wait
exit /b %ERRORLEVEL%
