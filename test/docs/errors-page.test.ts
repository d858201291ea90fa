import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { errorsPage } from '../../scripts/errors-page.ts';

it('docs/errors.md is what `npm run docs` writes', () => {
  expect(readFileSync('docs/errors.md', 'utf8')).toBe(errorsPage());
});

it('each code appears with its exit code, meaning and remedy', () => {
  const page = errorsPage({ 'lock/held': { exit: 4, about: 'Somebody holds it.', remedy: 'Wait.' } });
  expect(page).toContain('- **`lock/held`** (exit 4). Somebody holds it. Wait.');
});
