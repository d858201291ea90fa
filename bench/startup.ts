/** How long the program takes to say something, beside a Node that does nothing and beside other tools found here. */
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { programFile, timed } from './processes.ts';
import { least, median, ms, type Row } from './table.ts';

const rounds = 25;

const peers = ['aws', 'terraform', 'cdk', 'pulumi', 'wrangler'];

export async function startup(): Promise<Row[]> {
  const candidates = [
    { name: 'node -e 0', command: [process.execPath, '-e', '0'] },
    { name: 'rsds --version', command: [process.execPath, programFile, '--version'], target: '≤ 1.15' },
    { name: 'rsds --help', command: [process.execPath, programFile, '--help'], target: '≤ 1.5' },
    { name: 'rsds up --help', command: [process.execPath, programFile, 'up', '--help'] },
    { name: 'rsds upp (unknown)', command: [process.execPath, programFile, 'upp'] },
    ...peers.filter(isThere).map((peer) => ({ name: `${peer} --version`, command: [peer, '--version'] })),
  ];
  const times = candidates.map((): number[] => []);
  // Interleaved, so that whatever else the machine does hits all of them.
  for (let round = 0; round <= rounds; round++) {
    for (const [index, { command }] of candidates.entries()) {
      const [file = '', ...words] = command;
      const run = await timed(file, words);
      // The first round fills the caches.
      if (round > 0) times[index]?.push(run.ms);
    }
  }
  const base = times[0] ?? [];
  return candidates.map(({ name, ...rest }, index): Row => {
    const own = times[index] ?? [];
    const measured = `${ms(least(own))} (median ${ms(median(own))})`;
    if (index === 0) return { what: name, measured };
    const target = 'target' in rest && rest.target !== undefined ? { target: rest.target } : {};
    const medians = (median(own) / median(base)).toFixed(2);
    const beside = `node ${ms(least(base))}; of medians ${medians}`;
    return { what: name, measured, beside, ratio: least(own) / least(base), ...target };
  });
}

function isThere(tool: string): boolean {
  return (process.env.PATH ?? '').split(delimiter).some((folder) => {
    try {
      accessSync(join(folder, tool), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}
