import type { Api, Obj } from './api.ts';
import { sleep } from './wait.ts';

/** How long one watch lasts, and so how old the mirror may be where a watch says nothing. */
const WATCHED_SECONDS = 15;

/** What an API server holds below one path, kept up by a watch: to look often without asking often. */
export class Mirror {
  private readonly groups = new Map<string, Map<string, Obj>>();
  private readonly changes = new Map<string, number>();
  private readonly listeners: ((object: Obj) => void)[] = [];
  private readonly end = new AbortController();
  /** Ends the watch that goes on. */
  private round = new AbortController();
  /** Those who wait until all is listed anew. */
  private waiting: (() => void)[] = [];

  /** @param groupOf The group that an object belongs to; what has none is left out. */
  constructor(
    private readonly api: Api,
    private readonly path: string,
    private readonly groupOf: (object: Obj) => string | undefined,
  ) {}

  /** Returns when it holds everything that is there. */
  async start(): Promise<void> {
    void this.follow(await this.list());
  }

  stop(): void {
    this.end.abort();
  }

  /** Lists everything anew, and returns then: also what a watch has missed is here. */
  refresh(): Promise<void> {
    const listed = new Promise<void>((done) => this.waiting.push(done));
    this.round.abort();
    return listed;
  }

  /** Calls back with every object that comes, changes or goes. */
  onChange(listener: (object: Obj) => void): void {
    this.listeners.push(listener);
  }

  /** The objects of a group. */
  of(group: string): Obj[] {
    return [...(this.groups.get(group)?.values() ?? [])];
  }

  /** An object of the group that its namespace makes. */
  get(name: string, namespace: string): Obj | undefined {
    return this.groups.get(namespace)?.get(`${namespace}/${name}`);
  }

  /** When an object of a group has changed last, in milliseconds since the epoch; 0 when none ever has. */
  lastChange(group: string): number {
    return this.changes.get(group) ?? 0;
  }

  private async list(): Promise<string> {
    const list = await this.api.call('GET', this.path);
    const there = new Set<string>();
    for (const object of list.items) {
      const { name, namespace = '', resourceVersion } = object.metadata;
      there.add(`${namespace}/${name}`);
      const known = this.groups.get(this.groupOf(object) ?? '')?.get(`${namespace}/${name}`);
      // What is known already has not changed now.
      if (known?.metadata.resourceVersion !== resourceVersion) this.take(object, false);
    }
    for (const objects of this.groups.values()) {
      for (const [key, object] of [...objects]) if (!there.has(key)) this.take(object, true);
    }
    return list.metadata.resourceVersion;
  }

  private take(object: Obj, gone: boolean): void {
    const group = this.groupOf(object);
    if (group === undefined) return;
    const { name, namespace = '' } = object.metadata;
    delete object.metadata.managedFields; // long, and of no use here
    const objects = this.groups.get(group) ?? new Map<string, Obj>();
    this.groups.set(group, objects);
    if (gone) objects.delete(`${namespace}/${name}`);
    else objects.set(`${namespace}/${name}`, object);
    this.changes.set(group, Date.now());
    for (const listener of this.listeners) listener(object);
  }

  private async follow(from: string): Promise<void> {
    let version = from;
    const onEvent = ({ type, object }: Obj) => {
      if (type === 'ERROR') return;
      version = object.metadata.resourceVersion;
      if (type !== 'BOOKMARK') this.take(object, type === 'DELETED');
    };
    while (!this.end.signal.aborted) {
      this.round = new AbortController();
      const stop = AbortSignal.any([this.end.signal, this.round.signal]);
      await this.api.watch(this.path, version, onEvent, stop, WATCHED_SECONDS);
      if (this.end.signal.aborted) return;
      const waiting = this.waiting.splice(0);
      if (waiting.length === 0) await sleep(200);
      try {
        // Whatever a watch has missed is seen by now.
        version = await this.list();
        for (const done of waiting) done();
      } catch {
        this.waiting.push(...waiting);
      }
    }
  }
}
