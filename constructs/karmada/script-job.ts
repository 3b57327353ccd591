import { k8s } from 'cdk8s-plus-28';
import { Construct } from 'constructs';
import { jobName } from '../hash.ts';
import { restrictedContainer, restrictedPod } from '../security.ts';
import { type ControlPlaneSettings, settled, toolsImage } from './settings.ts';

/** Properties for `ScriptJob`. */
export interface ScriptJobProps
  extends Pick<
    ControlPlaneSettings,
    'namespace' | 'registry' | 'toolsImage' | 'imagePullPolicy' | 'imagePullSecrets' | 'nodeSelector' | 'tolerations'
  > {
  /** Name of the Job, before the hash, and of the ConfigMap with its files. */
  readonly name: string;
  /** Files in `FILES_PATH`; the script is one of them. */
  readonly files: Readonly<Record<string, string>>;
  /** File that is run with bash. */
  readonly script: string;
  readonly env: Readonly<Record<string, string>>;
  /**
   * ServiceAccount on the host cluster, in the Job's namespace.
   *
   * @default - none, the script has no access to the host cluster's API
   */
  readonly serviceAccountName?: string;
  /** @default - none but the files and a folder in memory to work in */
  readonly volumes?: readonly k8s.Volume[];
  /** @default - none but the files and a folder in memory to work in */
  readonly volumeMounts?: readonly k8s.VolumeMount[];
  /**
   * What else the Job depends on: it runs again when this is another.
   *
   * @default - its files and its pod alone
   */
  readonly content?: readonly string[];
}

/** Where the files of a `ScriptJob` are, and where it may write. */
export const FILES_PATH = '/job/files';
export const WORK_PATH = '/job/work';

/**
 * Job that runs a script until it succeeds. The script has to be safe to run at any time: the Job gets another name,
 * and so runs again, when its content changes. A plain apply never meets a Job that it cannot change, nor one that
 * failed earlier.
 */
export class ScriptJob extends Construct {
  constructor(scope: Construct, id: string, props: ScriptJobProps) {
    super(scope, id);
    const { name, files } = props;
    const { namespace } = settled(props);
    const metadata = { namespace, labels: { 'app.kubernetes.io/name': name } };
    new k8s.KubeConfigMap(this, 'Files', { metadata: { ...metadata, name }, data: { ...files } });

    const env = { ...props.env, HOME: WORK_PATH, TMPDIR: WORK_PATH };
    const spec: k8s.JobSpec = {
      // Retried for hours, up to six minutes apart: a node, its network, an image or etcd may be late.
      backoffLimit: 50,
      template: {
        metadata: { labels: metadata.labels },
        spec: {
          serviceAccountName: props.serviceAccountName,
          automountServiceAccountToken: props.serviceAccountName !== undefined,
          enableServiceLinks: false,
          restartPolicy: 'OnFailure',
          securityContext: restrictedPod,
          nodeSelector: props.nodeSelector,
          tolerations: props.tolerations && [...props.tolerations],
          imagePullSecrets: props.imagePullSecrets?.map((secret) => ({ name: secret })),
          containers: [
            {
              name: 'job',
              image: toolsImage(props),
              imagePullPolicy: props.imagePullPolicy ?? 'IfNotPresent',
              command: ['bash', `${FILES_PATH}/${props.script}`],
              env: Object.entries(env).map(([key, value]) => ({ name: key, value })),
              securityContext: restrictedContainer,
              resources: {
                requests: { cpu: k8s.Quantity.fromString('100m'), memory: k8s.Quantity.fromString('64Mi') },
                limits: { memory: k8s.Quantity.fromString('512Mi') },
              },
              volumeMounts: [
                { name: 'files', mountPath: FILES_PATH, readOnly: true },
                { name: 'work', mountPath: WORK_PATH },
                ...(props.volumeMounts ?? []),
              ],
            },
          ],
          volumes: [
            { name: 'files', configMap: { name } },
            { name: 'work', emptyDir: { medium: 'Memory', sizeLimit: k8s.Quantity.fromString('64Mi') } },
            ...(props.volumes ?? []),
          ],
        },
      },
    };
    const content = [JSON.stringify(files), JSON.stringify(k8s.toJson_JobSpec(spec)), ...(props.content ?? [])];
    new k8s.KubeJob(this, 'Resource', { metadata: { ...metadata, name: jobName(name, ...content) }, spec });
  }
}
