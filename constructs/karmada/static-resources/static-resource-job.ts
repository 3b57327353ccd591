import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { k8s } from 'cdk8s-plus-28';
import { Construct } from 'constructs';
import { toYaml } from '../../output/yaml.ts';
import { CA_FILE, certificatePath, certificateVolumes, KUBECONFIG_FILE } from '../certificates/mounts.ts';
import { type CrdFiles, crdArchiveUrl, crdContentChecksum } from '../crds.ts';
import { SERVICES, VERSION_CONFIG_MAP, VERSION_KEY } from '../names.ts';
import { FILES_PATH, ScriptJob } from '../script-job.ts';
import { type ControlPlaneSettings, settled } from '../settings.ts';
import { type StaticResourcesProps, staticResources } from './static-resources.ts';

/** Where the CRDs of Karmada come from. */
export interface CrdSource {
  /**
   * URL of the release's `crds.tar.gz`.
   *
   * @default - Karmada's own, of the control plane's version
   */
  readonly url?: string;
  /**
   * SHA-256 of what the URL gives, 64 hexadecimal digits. Anything else is refused.
   *
   * @default - without a URL, the files in the archive must be those of the release, if that is known; otherwise not checked
   */
  readonly sha256?: string;
  /**
   * The files themselves, see `readCrds`: the Job then fetches nothing.
   *
   * @default - fetched from the URL
   */
  readonly files?: CrdFiles;
}

/** Properties for `StaticResourceJob`. */
export interface StaticResourceJobProps extends ControlPlaneSettings, StaticResourcesProps {
  /** @default - fetched from Karmada's release */
  readonly crds?: CrdSource;
}

const NAME = 'karmada-static-resources';
/** Brings the Karmada API to a version. Read once, when this module is loaded: to the construct it is a constant. */
const SCRIPT = readFileSync(join(import.meta.dirname, 'static-resources.sh'), 'utf8');

const CRDS_NAME = 'karmada-crds';
const CRDS_PATH = '/job/crds';

/** Seconds that one attempt waits for the Karmada API server; the Job makes many. */
const TIMEOUT = 300;

/**
 * Job that brings the Karmada API to the control plane's version: CRDs, namespaces, RBAC, aggregated APIs, webhooks.
 * Components wait for what it writes last. Another version is another Job, so applying it is the upgrade.
 *
 * It reaches the Karmada API with the administrator's certificate and has no access to the host cluster's API. The CA
 * that webhooks are trusted by comes from that Secret, when the Job runs: no synth knows it.
 */
export class StaticResourceJob extends Construct {
  constructor(scope: Construct, id: string, props: StaticResourceJobProps) {
    super(scope, id);
    const { namespace, version } = settled(props);
    const { url, sha256, files } = props.crds ?? {};
    const content = url || sha256 ? undefined : crdContentChecksum(version);
    if (files && (url || sha256)) {
      throw new Error("'crds' must have 'files', or a 'url' with or without its 'sha256', not both");
    }
    const embedded = files ? this.embed(namespace, files) : undefined;
    const { first, last, absent } = staticResources(props);
    const administration = certificateVolumes('administration', props.secretNames);

    new ScriptJob(this, 'Job', {
      ...props,
      name: NAME,
      script: 'static-resources.sh',
      files: {
        'static-resources.sh': SCRIPT,
        'first.yaml': toYaml(...first),
        'last.yaml': toYaml(...last),
        'version.yaml': toYaml(
          k8s.KubeConfigMap.manifest({
            metadata: { name: VERSION_CONFIG_MAP, namespace },
            data: { [VERSION_KEY]: version },
          }),
        ),
      },
      env: {
        KUBECONFIG: KUBECONFIG_FILE,
        CA_FILE: certificatePath('client', CA_FILE),
        RESOURCES_DIR: FILES_PATH,
        NAMESPACE: namespace,
        WEBHOOK: SERVICES.webhook,
        ABSENT: absent.join(' '),
        TIMEOUT: String(TIMEOUT),
        ...(embedded
          ? { CRDS_DIR: CRDS_PATH }
          : {
              CRDS_URL: url ?? crdArchiveUrl(version),
              ...(sha256 && { CRDS_SHA256: sha256 }),
              ...(content && { CRDS_CONTENT_SHA256: content }),
            }),
      },
      volumes: [...administration.volumes, ...(embedded ? [embedded] : [])],
      volumeMounts: [
        ...administration.volumeMounts,
        ...(embedded ? [{ name: embedded.name, mountPath: CRDS_PATH, readOnly: true }] : []),
      ],
      content: files && [JSON.stringify(files)],
    });
  }

  /** A ConfigMap per file, as plain text, so that none is too large for an apply; and the folder that they form. */
  private embed(namespace: string, files: CrdFiles): k8s.Volume {
    const sources = Object.entries(files).map(([path, text], i) => {
      const key = path.split('/').at(-1) ?? path;
      const name = `${CRDS_NAME}-${key.replace(/\.yaml$/, '').replaceAll('_', '-')}`;
      new k8s.KubeConfigMap(this, `Crds${i}`, {
        metadata: { name, namespace, labels: { 'app.kubernetes.io/name': CRDS_NAME } },
        data: { [key]: text },
      });
      return { configMap: { name, items: [{ key, path }] } };
    });
    return { name: 'crds', projected: { sources } };
  }
}
