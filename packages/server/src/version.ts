/** Version of the program and of all its packages; a test compares it with their manifests. */
export const VERSION = "0.1.0";
