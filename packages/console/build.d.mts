/** Builds the console into dist/. @returns whether there was something to build */
export function buildIfChanged(): Promise<boolean>;
