// Writes the licence texts of every package that went into the bundle, its workers and its fonts: the wheel redistributes them.
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';

const LICENCE_FILE = /^(licen[cs]e|notice|copying|thirdpartynotices)(?!.*\.(js|ts|json)$)/i;
// Fonts come inside GraphiQL's style sheet, without their licence; Fira Code's own package carries it, Roboto is Apache-2.0.
const FONTS = ['@fontsource-variable/fira-code'];
const ROBOTO = 'Roboto (embedded font)\nCopyright 2011 Google Inc. All Rights Reserved.\nLicence: Apache-2.0, its text is below, e.g. at react-aria';

export function licences(fileName) {
  const folders = new Set(FONTS.map((name) => join('node_modules', name)));
  const collect = (context) => {
    for (const id of context.getModuleIds()) {
      const folder = packageFolder(id);
      if (folder) folders.add(folder);
    }
  };
  return {
    worker: { name: 'licences-worker', generateBundle() { collect(this); } },
    page: {
      name: 'licences',
      generateBundle() {
        collect(this);
        const source = [ROBOTO, ...[...folders].sort().map(describe)].join(`\n\n${'-'.repeat(80)}\n\n`);
        this.emitFile({ type: 'asset', fileName, source });
      },
    },
  };
}

/** The folder of the package a module belongs to; nothing for our own modules and the bundler's. */
function packageFolder(id) {
  const path = id.replace(/^\0/, '').replace(/\?.*$/, '');
  if (!path.includes('node_modules')) return undefined;
  for (let folder = dirname(path); !folder.endsWith('node_modules'); folder = dirname(folder)) {
    const description = join(folder, 'package.json');
    if (existsSync(description) && JSON.parse(readFileSync(description)).version) return folder;
    if (folder === dirname(folder)) return undefined;
  }
  return undefined;
}

function describe(folder) {
  const { name, version, license, homepage = '' } = JSON.parse(readFileSync(join(folder, 'package.json')));
  const texts = readdirSync(folder).filter((file) => LICENCE_FILE.test(file)).sort();
  const head = `${name} ${version} ${homepage}\nLicence: ${license}`;
  return [head, ...texts.map((file) => readFileSync(join(folder, file), 'utf8').trim())].join('\n\n');
}
