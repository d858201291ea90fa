import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

const commands = ['up', 'plan', 'status', 'down', 'scale', 'diagnose', 'init', 'sim', 'lock'];

describe('the pages about scope and words', () => {
  it.each(['scope.md', 'glossary.md', 'guides/configuration.md'])(
    '%s names commands that exist, and no other',
    (page) => {
      const text = readFileSync(new URL(`../../docs/${page}`, import.meta.url), 'utf8');
      const named = [...text.matchAll(/`rsds ([a-z]+)/g)].map(([, command]) => command);
      expect(named.length).toBeGreaterThan(0);
      expect(named.filter((command) => !commands.includes(command ?? ''))).toEqual([]);
    },
  );
});
