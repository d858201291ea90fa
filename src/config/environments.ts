/** The environments that a file lists, and the one that is meant. */
import { show } from './fields.ts';
import { namePattern } from './kinds.ts';
import type { Reading } from './reading.ts';
import { wholes } from './schema.ts';
import { nearWord } from './suggestions.ts';
import { emptyMap, isAbsent, type MapTree, mergeTrees, type Place } from './tree.ts';

export interface Environments {
  /** The file without its environments. */
  readonly base: MapTree;
  /** Undefined: the file has no environments, and any name will do. */
  readonly sections: ReadonlyMap<string, MapTree> | undefined;
  readonly place: Place | undefined;
}

/** Takes the environments out of the file; what is wrong with their names and shapes is noted. */
export function splitEnvironments(file: MapTree, reading: Reading): Environments {
  const entry = file.entries.get('environments');
  const base = { ...file, entries: new Map([...file.entries].filter(([key]) => key !== 'environments')) };
  if (entry === undefined || isAbsent(entry.value)) return { base, sections: undefined, place: undefined };
  const { value, place } = entry;
  if (value.kind !== 'map') {
    reading.fault('config/type', value, `is ${show(value)}, must be a section for each environment`);
    return { base, sections: undefined, place };
  }
  const sections = new Map<string, MapTree>();
  for (const [name, section] of value.entries) {
    const at = { path: section.value.path, place: section.place };
    if (!namePattern.test(name)) {
      reading.fault(
        'config/environment',
        at,
        'must be named with lower-case letters, digits and hyphens, beginning with a letter',
      );
    }
    if (section.value.kind === 'map') sections.set(name, section.value);
    else if (isAbsent(section.value)) sections.set(name, emptyMap(section.value.path));
    else
      reading.fault(
        'config/type',
        section.value,
        `is ${show(section.value)}, must be a section of settings to override`,
      );
  }
  return { base, sections, place };
}

/** The name of the environment that is meant; a file with environments must list it. */
export function chooseEnvironment(name: string, { sections, place }: Environments, reading: Reading): void {
  const at = { path: 'environments', place };
  if (!namePattern.test(name)) {
    const message = `is ${JSON.stringify(name)}, must be lower-case letters, digits and hyphens, beginning with a letter`;
    reading.fault(
      'config/environment',
      { path: '--env', place: undefined },
      message,
      'Pass another --env, such as dev.',
    );
    return;
  }
  if (sections === undefined || sections.has(name)) return;
  const known = [...sections.keys()];
  const near = nearWord(name, known);
  const hint = `Pass --env with one of: ${known.join(', ')}${near ? `. Did you mean \`${near}\`?` : ''}`;
  reading.fault('config/environment', at, `lists ${known.join(', ')}, not ${name}`, hint);
}

/** The file as it is for one environment. */
export function environmentTree({ base, sections }: Environments, name: string): MapTree {
  const over = sections?.get(name);
  return over === undefined ? base : mergeTrees(base, over, wholes);
}
