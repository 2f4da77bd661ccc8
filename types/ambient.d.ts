// What the bundler, or scripts/dev/register.mjs when running from source, adds to the language.

/** The version in package.json. */
declare const APP_VERSION: string;

/** The files of the PowerShell modules, by their names below the folder of modules, as JSON. */
declare const MODULE_FILES: string;

/** A PowerShell script imported as its text. */
declare module '*.ps1' {
  const text: string;
  export default text;
}

/** A script of this project, which has no types. */
declare module '*.mjs';
