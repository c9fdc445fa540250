/** The version in package.json; a test checks that they match. */
export const LIBRARY_VERSION = '0.1.0';
