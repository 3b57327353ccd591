import { z } from 'zod';
import { mapping } from './free-keys.ts';
import { goExpressionFault } from './go-expression.ts';
import { dnsName, port } from './primitives.ts';

/*
 * What stands between a cluster and the internet: registries of one's own, and a proxy.
 */

/** A registry as images name it: `docker.io`, `registry.example.com:5000`. */
const REGISTRY_NAME = /^[A-Za-z0-9]([-A-Za-z0-9.]*[A-Za-z0-9])?(:\d{1,5})?$/;

/** Whether what stands after the last colon, if anything does, is a port. */
function hasPort(value: string): boolean {
  const [, digits] = /:(\d+)$/.exec(value) ?? [];
  return digits === undefined || port.safeParse(Number(digits)).success;
}

const registryHost = z
  .string()
  .regex(REGISTRY_NAME, "must be the name of a registry, such as 'docker.io' or 'registry.example.com:5000'")
  .refine(hasPort, 'must have a port of 1 to 65535');

/** Key of `mirrors`: `*` stands for all registries that are not named. */
const mirrored = z
  .string()
  .refine(
    (value) => value === '*' || registryHost.safeParse(value).success,
    "must be the name of a registry, such as 'docker.io', or '*'",
  );

const endpoint = z.string().refine((value) => {
  if (!/^https?:\/\/[^\s"'`$\\@]+$/.test(value) || !URL.canParse(value)) return false;
  return new URL(value).search === '';
}, "must be a URL without user name or password, such as 'https://registry.example.com:5000'");

/**
 * What containerd looks for in the paths of images. An expression that Go does not compile it leaves out with a line in
 * its log (withRewritesFromHost of core/remotes/docker/resolver.go in k3s-io/containerd), and looks for images elsewhere.
 */
const pattern = z
  .string()
  .min(1)
  .superRefine((value, context) => {
    const fault = goExpressionFault(value);
    if (fault !== undefined) {
      context.addIssue({ code: 'custom', message: `must be a regular expression of Go, and ${fault}` });
    }
  });

/** `k3s.registries`: where containerd pulls images from. */
export const registries = z.strictObject({
  mirrors: mapping(
    mirrored,
    z.strictObject({
      endpoints: z.array(endpoint).min(1).describe('URLs to pull from, in the order that they are tried.'),
      rewrite: mapping(pattern, z.string())
        .optional()
        .describe("Changes of the images' paths: regular expressions of Go, each with what takes its place ('$1')."),
    }),
  )
    .prefault({})
    .describe("Registries, as images name them, and where their images are pulled from instead; '*' means all others."),
  configs: mapping(
    registryHost,
    z.strictObject({
      secret: dnsName
        .optional()
        .describe('Secret in the management cluster with the keys username and password. Default: no login.'),
      caSecret: dnsName
        .optional()
        .describe(
          "Secret in the management cluster whose key ca.crt has the CA of the registry's certificate. Default: the CAs of the host.",
        ),
    }),
  )
    .prefault({})
    .describe('How to log in to registries and endpoints, by their host and port, and whose certificates they have.'),
});
export type Registries = z.output<typeof registries>;

/** URL of a proxy. It ends up in logs and environments, so it has no password. */
export const proxyUrl = z
  .string()
  .regex(
    /^https?:\/\/([A-Za-z0-9]([-A-Za-z0-9.]*[A-Za-z0-9])?|\[[0-9a-f:]+\])(:\d{1,5})?$/,
    "must be the URL of a proxy without user name or password, such as 'http://proxy.example.com:3128'",
  )
  .refine((value) => /\]$/.test(value) || hasPort(value), 'must have a port of 1 to 65535');

/** `k3s.proxy`: the way to the internet of hosts that have no other. */
export const proxy = z.strictObject({
  http: proxyUrl.optional().describe('Proxy for http URLs. Default: none.'),
  https: proxyUrl.optional().describe('Proxy for https URLs. Default: none.'),
  except: z
    .array(
      z
        .string()
        .regex(
          /^(\*\.|\.)?[A-Za-z0-9:[]([-A-Za-z0-9.:/\]]*[A-Za-z0-9\]])?$/,
          "must be a name, a domain, an address or a network, such as '.example.com' or '192.0.2.0/24'",
        ),
    )
    .prefault([])
    .describe(
      "Names, domains ('.example.com'), addresses and networks that need no proxy. The cluster's own pods, services, hosts and VPN are among them anyway.",
    ),
});
export type Proxy = z.output<typeof proxy>;
