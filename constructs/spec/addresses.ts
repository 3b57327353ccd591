import ipaddr from 'ipaddr.js';
import { z } from 'zod';
import { bitsOf, canonicalAddress, familyOf, mappedIPv4, parseRange } from '../network/addresses.ts';
import { dnsName } from './primitives.ts';

/*
 * Addresses and networks as the file gives them. Each comes out in its canonical spelling, so that what is the same is
 * equal as text: `2001:DB8:0::1` is `2001:db8::1`.
 */

/** The canonical spelling, or nothing where the text is no address; then it has said so. */
function canonical(value: string, context: z.core.$RefinementCtx<string>, otherwise: string): string {
  const mapped = mappedIPv4(value);
  const found = mapped === undefined ? canonicalAddress(value) : undefined;
  if (found !== undefined) return found;
  const [base = '', zone] = value.split('%');
  const message =
    mapped !== undefined
      ? `is an IPv4 address written as IPv6, did you mean '${mapped}'?`
      : zone !== undefined && canonicalAddress(base) !== undefined
        ? `has the zone '${zone}', which means something on one machine only: give an address without a zone`
        : otherwise;
  context.addIssue({ code: 'custom', message });
  return z.NEVER;
}

export const ip = z
  .string()
  .transform((value, context) => canonical(value, context, "must be an IPv4 or IPv6 address, such as '100.64.0.5'"));

/** What no machine has as the address that others reach it by. */
const UNREACHABLE: Readonly<Record<string, string>> = {
  unspecified: 'stands for no machine',
  loopback: 'means every machine itself',
  multicast: 'means a group of machines',
  broadcast: 'means all machines of a network',
};

/** Why nothing else reaches a machine by the address; nothing where it does. */
function unreachable(value: string): string | undefined {
  const address = ipaddr.parse(value);
  const isLinkLocal = address.kind() === 'ipv6' && address.range() === 'linkLocal';
  return isLinkLocal ? 'is link-local: it needs a zone to be reached' : UNREACHABLE[address.range()];
}

/** The address of one machine, by which others reach it. */
export const hostIp = ip.superRefine((value, context) => {
  const fault = unreachable(value);
  if (fault) context.addIssue({ code: 'custom', message: `${fault}, give the address that other hosts reach it by` });
});

/** A host name or an IP address; one that means each machine itself may be that of a tunnel's end. */
export const address = z.string().transform((value, context) => {
  if (dnsName.safeParse(value).success && !/^[0-9.]+$/.test(value)) return value;
  const example = "must be a DNS name or an IP address, such as 'karmada.example.com' or '203.0.113.7'";
  const found = canonical(value, context, example);
  if (found === z.NEVER) return found;
  const fault = ipaddr.parse(found).range() === 'loopback' ? undefined : unreachable(found);
  if (fault) context.addIssue({ code: 'custom', message: `${fault}, give the address that others reach it by` });
  return found;
});

/** A network in CIDR notation, its host bits zero. */
export const cidr = z.string().transform((value, context) => {
  const [, base = '', bits = ''] = /^([^/]*)\/(\d{1,3})$/.exec(value) ?? [];
  const network = canonicalAddress(base);
  if (network === undefined || mappedIPv4(base) !== undefined || Number(bits) > bitsOf(familyOf(base))) {
    context.addIssue({ code: 'custom', message: "must be a network in CIDR notation, such as '10.42.0.0/16'" });
    return z.NEVER;
  }
  const family = familyOf(network) === 'IPv4' ? ipaddr.IPv4 : ipaddr.IPv6;
  const first = family.networkAddressFromCIDR(`${network}/${Number(bits)}`).toString();
  if (first !== network) {
    context.addIssue({ code: 'custom', message: `has host bits set, did you mean '${first}/${Number(bits)}'?` });
  }
  return `${network}/${Number(bits)}`;
});

/** A network, or one of each IP family with a comma between, as k3s takes them: its first family is the cluster's. */
export const clusterCidr = z.string().transform((value, context) => {
  const parts = value.split(',').map((part) => cidr.safeParse(part.trim()));
  const fault = parts.find(({ success }) => !success)?.error?.issues[0]?.message;
  const networks = parts.flatMap(({ data }) => data ?? []);
  const families = networks.map(familyOf);
  if (fault !== undefined) {
    context.addIssue({ code: 'custom', message: fault });
  } else if (new Set(families).size < families.length) {
    const message = `holds more than one ${families[0]} network: give one, or one of each IP family`;
    context.addIssue({ code: 'custom', message });
  } else {
    for (const network of networks) {
      const fault = unreachable(network.split('/')[0]!);
      if (fault)
        context.addIssue({ code: 'custom', message: `begins with an address that ${fault}, give a private network` });
    }
  }
  return networks.join(',');
});

/** Addresses that a load balancer may give away: a network, or a range `first-last`. */
export const addressPool = z.string().transform((value, context) => {
  const fault = (message: string) => {
    context.addIssue({ code: 'custom', message });
    return z.NEVER;
  };
  const network = cidr.safeParse(value);
  const ends = value.split('-').map((end) => ip.safeParse(end.trim()).data);
  const [first, last] = network.success ? [network.data.split('/')[0], undefined] : ends;
  const isRange = ends.length === 2 && first !== undefined && last !== undefined && familyOf(first) === familyOf(last);
  if (!network.success && !(isRange && isAscending(first, last))) {
    return fault("must be a range or a network, such as '192.0.2.10-192.0.2.20' or '192.0.2.0/28'");
  }
  for (const end of [first, last]) {
    const why = end === undefined ? undefined : unreachable(end);
    if (why) return fault(`has ${end}, which ${why}, give addresses that others reach`);
  }
  return network.success ? network.data : `${first}-${last}`;
});

function isAscending(first: string, last: string): boolean {
  const range = parseRange(`${first}-${last}`);
  return range.first <= range.last;
}
