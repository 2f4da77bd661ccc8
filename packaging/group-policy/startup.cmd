@echo off
rem From a share that only administrators can write. Nothing is changed where all is as it should be.
"%~dp0certrebind.exe" install --yes --wait
if not %ERRORLEVEL%==0 exit /b %ERRORLEVEL%
"C:\Program Files\CertRebind\certrebind.exe" enable --replace-native --yes --wait
exit /b %ERRORLEVEL%
