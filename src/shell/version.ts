/** Put in by the bundler; the source run directly has no version of its own. */
declare const APP_VERSION: string | undefined;

export const version = typeof APP_VERSION === 'string' ? APP_VERSION : '0.0.0-source';
