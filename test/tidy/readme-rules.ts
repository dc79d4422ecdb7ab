/** Folders that explain themselves: what they own, what they do not, and what always holds in them. */
const EXPLAINED = [
  /^shared\/(?:kernel|ports|contracts|app)$/,
  /^shared\/(?:domain|adapters)\/[^/]+$/,
  /^(?:bin|functions|local|test)$/,
];

/** Folders among those of `files` (relative paths) that should have a README.md and have none, sorted. */
export function foldersWithoutReadme(files: readonly string[]): readonly string[] {
  const present = new Set(files);
  const folders = new Set(files.filter((file) => file.endsWith('.ts')).flatMap(foldersOf));
  return [...folders]
    .filter((folder) => EXPLAINED.some((pattern) => pattern.test(folder)))
    .filter((folder) => !present.has(`${folder}/README.md`))
    .sort();
}

function foldersOf(file: string): readonly string[] {
  const parts = file.split('/').slice(0, -1);
  return parts.map((_, index) => parts.slice(0, index + 1).join('/'));
}
