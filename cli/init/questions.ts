import { isCancel, select, text } from '@clack/prompts';
import type { Start } from './federation-yaml.ts';
import type { InitOptions } from './init.ts';
import { MEMBER_FORM, memberIn } from './member.ts';

/** Ends the questions. */
class Cancelled extends Error {}

const NAME = /^[a-z]([-a-z0-9]*[a-z0-9])?$/;
const nameRule = 'lower-case letters, digits and hyphens, beginning with a letter';

/**
 * Asks at the terminal for what no option has said.
 *
 * @param defaults what is taken where the answer is empty.
 * @param faultOf what the loader finds wrong with what was answered so far.
 * @returns nothing where the user cancelled.
 */
export async function ask(
  defaults: Start,
  options: InitOptions,
  faultOf: (start: Start) => string | undefined,
): Promise<Start | undefined> {
  try {
    const name = options.name ?? (await asked('Name of the federation', defaults.name, nameFault));
    const address =
      options.address ??
      (await asked('Host name or IP address of the Karmada API', defaults.address, (address) =>
        faultOf({ ...defaults, name, address }),
      ));
    const members = options.member
      ? defaults.members
      : membersOf(await asked('Clusters to run apps on, as NAME=REGION', membersText(defaults), membersFault));
    const vpn = options.vpn ?? (await chosen());
    const server =
      vpn === 'headscale'
        ? (options.vpnServer ??
          (await asked('URL of Headscale', 'https://headscale.example.com', (vpnServer) =>
            faultOf({ name, address, members, vpn, vpnServer }),
          )))
        : options.vpnServer;
    return { name, address, members, vpn, ...(server !== undefined && { vpnServer: server }) };
  } catch (error) {
    if (error instanceof Cancelled) return undefined;
    throw error;
  }
}

/** Asks for a text; what is offered goes with the first letter that is typed, so that nobody writes behind it. */
async function asked(message: string, offered: string, fault: (value: string) => string | undefined) {
  const validate = (value = '') => fault(value.trim() || offered);
  return answer(await text({ message, placeholder: offered, defaultValue: offered, validate }))
    .toString()
    .trim();
}

async function chosen(): Promise<Start['vpn']> {
  return answer<Start['vpn']>(
    await select<Start['vpn']>({
      message: 'VPN between the clusters',
      initialValue: 'none',
      options: [
        { value: 'none', label: 'none', hint: 'they reach each other already' },
        { value: 'headscale', label: 'Headscale' },
        { value: 'tailscale', label: 'Tailscale' },
        { value: 'netbird', label: 'NetBird' },
      ],
    }),
  );
}

function answer<T>(value: T | symbol): T {
  if (isCancel(value)) throw new Cancelled();
  return value as T;
}

const wordsOf = (text: string) => text.split(/[\s,]+/).filter(Boolean);

const membersOf = (text: string): Start['members'] =>
  wordsOf(text)
    .map(memberIn)
    .filter((member) => member !== undefined);

const membersText = ({ members }: Start) =>
  members.map(({ name, region }) => (region === undefined ? name : `${name}=${region}`)).join(', ');

const nameFault = (name: string) => (NAME.test(name) ? undefined : `must be ${nameRule}`);

function membersFault(text: string): string | undefined {
  for (const word of wordsOf(text)) {
    const member = memberIn(word);
    if (member === undefined) return `'${word}' must be ${MEMBER_FORM}`;
    if (!NAME.test(member.name)) return `'${member.name}' must be ${nameRule}`;
  }
  return undefined;
}
