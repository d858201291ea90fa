/** One word as a shell takes it, in quotes where it needs them: for commands that are shown to be typed. */
export const shellWord = (word: string): string =>
  /^[\w./:@=+-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
