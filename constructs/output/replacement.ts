import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { Staging } from './staging.ts';

/**
 * The files that are to take the place of those of a folder. As long as each is there already, none is written: what
 * looks after the folder sees a change only where there is one.
 */
export class Replacement {
  /** Where the new files are; undefined as long as all are there already. */
  staging?: Staging;
  private readonly made = new Set<string>();
  /** The files so far, where nothing is staged yet. */
  private same: string[] = [];

  /**
   * @param target the folder.
   * @param old the files that are in it, by their paths. Default: there is no such folder.
   */
  constructor(
    private readonly target: string,
    private readonly old?: ReadonlySet<string>,
  ) {}

  add(path: string, text: string): void {
    if (!this.staging) {
      if (this.old?.has(path) && readFileSync(join(this.target, path)).equals(Buffer.from(text))) {
        this.same.push(path);
        return;
      }
      this.stage();
    }
    writeFileSync(this.place(path), text);
  }

  /** Says that all files are there. The new ones are complete then, where there are any. */
  end(): void {
    if (this.same.length !== this.old?.size) this.stage();
  }

  /** From here on files are written: those so far are taken along. */
  private stage(): void {
    if (this.staging) return;
    mkdirSync(dirname(this.target), { recursive: true });
    this.staging = Staging.beside(this.target);
    for (const path of this.same) copyFileSync(join(this.target, path), this.place(path));
    this.same = [];
  }

  /** Where a new file goes; its folder is made. */
  private place(path: string): string {
    const { fresh } = this.staging as Staging;
    const folder = dirname(path);
    if (!this.made.has(folder)) {
      mkdirSync(join(fresh, folder), { recursive: true });
      this.made.add(folder);
    }
    return join(fresh, path);
  }
}
