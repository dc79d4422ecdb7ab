import type { Rule } from './source.ts';

/** Lines of the file that match, as `path:line: why`. */
function lineRule(pattern: RegExp, why: string): Rule {
  return ({ path, text }) =>
    text
      .split('\n')
      .map((line, index) => ({ line, number: index + 1 }))
      .filter(({ line }) => pattern.test(line))
      .map(({ number }) => `${path}:${number}: ${why}`);
}

// The patterns hold a letter in brackets where they would match themselves.

/** What is left to do belongs into an issue, and what a checker says is put right, not silenced. */
export const nothingIsPutOff: Rule = lineRule(
  /\b(?:TO[D]O|FIX[M]E|HAC[K]|W[I]P)\b|@ts-(?:ignor[e]|nochec[k])|eslint-disabl[e]/,
  'a note to come back, or a silenced checker',
);

/** The repository is the same wherever it is cloned. */
export const pathsAreRelative: Rule = lineRule(
  /(?<![\w.}*)])\/(?:home|Users|root|work|private|var\/folders)\/\w/,
  'a path of one machine',
);

/** Which registry packages come from is the user's own setting. */
export const noRegistryIsNamed: Rule = lineRule(
  /\b(?:registry\.(?:npmjs|yarnpkg|npmmirror)\.|npm\.pkg\.github\.|(?:files\.)?python[h]osted\.|pypi\.or[g]|crates\.i[o]|repo1?\.mave[n]\.)/,
  'a package registry by name',
);
