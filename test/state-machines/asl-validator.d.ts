/** The package brings no types. */
declare module 'asl-validator' {
  /** Adds members to the definition that it is given. */
  function validate(
    definition: unknown,
    options?: { readonly checkPaths: boolean; readonly checkArn: boolean },
  ): { readonly isValid: boolean; readonly errorsText: (separator?: string) => string };
  export = validate;
}
