const EXACT = /^\d+\.\d+\.\d+(?:-[\w.]+)?$/;
const KINDS = ['dependencies', 'devDependencies', 'optionalDependencies'] as const;

type Manifest = Readonly<Partial<Record<(typeof KINDS)[number], Readonly<Record<string, string>>>>>;

/** Dependencies of package.json without an exact version: they would make two installs of one commit differ. */
export function versionsNotPinned(manifest: Manifest): readonly string[] {
  return KINDS.flatMap((kind) =>
    Object.entries(manifest[kind] ?? {})
      .filter(([, version]) => !EXACT.test(version))
      .map(([name, version]) => `${kind}.${name}: ${version}`),
  );
}

/** Entries of package-lock.json that name the place they were fetched from. */
export function placesInLockfile(lockfile: {
  readonly packages: Readonly<Record<string, { readonly resolved?: string }>>;
}): readonly string[] {
  return Object.entries(lockfile.packages)
    .filter(([, { resolved }]) => resolved !== undefined)
    .map(([name]) => name);
}
