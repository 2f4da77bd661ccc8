@echo off
rem The copy beside this file uninstalls, since a program that runs cannot delete itself.
"%~dp0certrebind.exe" uninstall --yes --wait
exit /b %ERRORLEVEL%
