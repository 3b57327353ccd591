import { type MockInstance, vi } from 'vitest';
import { ApiServer } from '../../cli/servers/api-server.ts';

/** Connections to servers that stay from one test to the next, for kubectl takes longer to start than a look. */
export class Connections {
  private readonly kept = new Map<string, Promise<ApiServer>>();
  private spies: readonly Pick<MockInstance, 'mockRestore'>[] = [];

  /** Has what connects from here on get the connection that there is, and leave it open. */
  share(): void {
    const connect = ApiServer.connect.bind(ApiServer);
    const shared = vi.spyOn(ApiServer, 'connect').mockImplementation((access, timeout, cluster) => {
      const server = this.kept.get(cluster) ?? connect(access, timeout, cluster);
      this.kept.set(cluster, server);
      return server;
    });
    this.spies = [shared, vi.spyOn(ApiServer.prototype, 'close').mockReturnValue()];
  }

  /** Has what connects from here on have a connection of its own. */
  unshare(): void {
    for (const spy of this.spies) spy.mockRestore();
  }

  async close(): Promise<void> {
    this.unshare();
    for (const server of this.kept.values()) (await server).close();
  }
}
