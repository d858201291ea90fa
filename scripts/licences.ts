/**
 * A plugin for the bundler: writes the licence texts of everything that went into the bundle, from the list of its
 * modules, to THIRD_PARTY_LICENSES.txt beside it. A package without a licence stops the build.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Plugin } from 'rolldown';

interface Bundled {
  readonly name: string;
  readonly version: string;
  readonly licence: string;
  readonly text: string;
}

export function licences(): Plugin {
  return {
    name: 'licences',
    generateBundle(_options, bundle) {
      const modules = Object.values(bundle).flatMap((chunk) => (chunk.type === 'chunk' ? chunk.moduleIds : []));
      this.emitFile({ type: 'asset', fileName: 'THIRD_PARTY_LICENSES.txt', source: licenceFile(modules) });
    },
  };
}

/** The text of the file for these modules; packages with the same text share it. */
export function licenceFile(moduleIds: readonly string[]): string {
  const folders = new Set(moduleIds.filter((id) => id.includes('/node_modules/')).map(packageFolder));
  const byText = new Map<string, string[]>();
  for (const { name, version, licence, text } of [...folders].map(readPackage)) {
    byText.set(text, [...(byText.get(text) ?? []), `${name} ${version} (${licence})`]);
  }
  const parts = [...byText].map(([text, names]) => `${names.sort().join('\n')}\n\n${text.trim()}\n`);
  return `rsds contains code of these packages.\n\n${parts.sort().join(`\n${'-'.repeat(80)}\n\n`)}`;
}

function packageFolder(id: string): string {
  const path = id.replace(/^\0/, '').replace(/\?.*$/, '');
  for (let folder = dirname(path); folder !== dirname(folder); folder = dirname(folder)) {
    const file = join(folder, 'package.json');
    if (existsSync(file) && 'version' in JSON.parse(readFileSync(file, 'utf8'))) return folder;
  }
  throw new Error(`no package found for ${id}`);
}

function readPackage(folder: string): Bundled {
  const { name, version, license } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as {
    name: string;
    version: string;
    license?: string;
  };
  const file = readdirSync(folder).find((entry) => /^(licen[cs]e|copying)/i.test(entry));
  if (file === undefined && license === undefined) throw new Error(`${name} has no licence`);
  const text =
    file === undefined
      ? `Licensed under ${license}; the package carries no text.`
      : readFileSync(join(folder, file), 'utf8');
  return { name, version, licence: license ?? 'see text', text };
}
