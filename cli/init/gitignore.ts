/** What a repository of a federation does not hold: what opens clusters. `dist/` it does. */
export const GITIGNORE = `# Kubeconfigs, join tokens and secrets, by which clusters are opened.
.kube/
.secrets/
# What a synth writes before it takes the place of dist/.
.dist-*/
# The page that "serverless-federation view" writes.
federation.html
node_modules/
`;
