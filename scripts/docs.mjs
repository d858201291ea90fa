/** Writes the generated pages of docs/. The page is TypeScript, which Node 20 does not read: it is bundled first. */
import { writeFileSync } from 'node:fs';
import { rolldown } from 'rolldown';

const bundle = await rolldown({ input: 'scripts/errors-page.ts', platform: 'node' });
const { output } = await bundle.generate({ format: 'esm' });
const { errorsPage } = await import(`data:text/javascript;base64,${Buffer.from(output[0].code).toString('base64')}`);
writeFileSync('docs/errors.md', errorsPage());
process.stderr.write('docs/errors.md written\n');
