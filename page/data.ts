import type { Input } from '../simulation/model.ts';

/** What the page is made of, as JSON: the input of the simulation, and what it doesn't need but a reader does. */
export interface PageData {
  /** What the page is about: the federation's name. */
  readonly name: string;
  /** The central cluster. @default - not known: the objects came without a federation's file */
  readonly central?: {
    /** Where it is reached. */
    readonly address?: string;
    readonly vpn: boolean;
  };
  /** The provider of the VPN between clusters. @default - no VPN */
  readonly vpn?: string;
  /** Of members, what their Cluster objects do not tell. */
  readonly facts: readonly MemberFacts[];
  readonly input: Input;
  /**
   * Seconds between two questions to the server of the page how the federation is. @default - there is no such server
   */
  readonly live?: number;
}

export interface MemberFacts {
  readonly name: string;
  /** Whether its nodes are in the VPN. */
  readonly vpn: boolean;
  /** The Wasm runtimes that it offers. */
  readonly runtimes: readonly string[];
}
