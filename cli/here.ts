/** Where the user is: npm starts scripts in the project's folder, and tells it in INIT_CWD. */
export function here(): string {
  return process.env.INIT_CWD ?? process.cwd();
}
