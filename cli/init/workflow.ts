/**
 * A GitHub workflow that checks a pull request, and says on it where everything would run.
 *
 * What the request holds is data for it: it runs none of the request's files, and has no secrets but the token that may
 * write the comment.
 *
 * @param version of this package, which the workflow uses.
 */
export function workflow(version: string): string {
  return `# Checks the federation on every pull request, and says there where everything would run.
name: federation
on:
  pull_request:
  push: { branches: [main] }
permissions: {}
concurrency:
  group: federation-\${{ github.ref }}
  cancel-in-progress: true
jobs:
  plan:
    runs-on: ubuntu-24.04
    timeout-minutes: 10
    permissions:
      contents: read
      pull-requests: write # for the comment
    env:
      # A new version is a new number here and a new synth; its changelog says what changes in dist/.
      FEDERATION_TOOL: serverless-federation@${version}
    steps:
      - uses: actions/checkout@3d3c42e5aac5ba805825da76410c181273ba90b1 # v7.0.1
        with: { persist-credentials: false, fetch-depth: 2 }
      - uses: actions/setup-node@820762786026740c76f36085b0efc47a31fe5020 # v7.0.0
        with: { node-version: 22 }
      - name: Check federation.yaml, and that dist/ is what it makes
        run: npx --yes "$FEDERATION_TOOL" check --dist
      - name: Plan what the request goes into, from where its own plan starts
        # The first parent: of a push, what was there before. It may hold no federation, or one that is wrong.
        run: |
          git worktree add --quiet ../before HEAD^1 || exit 0
          FEDERATION=../before/federation.yaml npx --yes "$FEDERATION_TOOL" plan -o json >before.json || rm before.json
      - name: Plan
        run: |
          set --
          if [ -e before.json ]; then set -- --before before.json; fi
          npx --yes "$FEDERATION_TOOL" plan -o markdown "$@" | tee plan.md >>"$GITHUB_STEP_SUMMARY"
      - name: Show the plan on the pull request
        # The token of a request from a fork can't write; its plan is in the summary of the run.
        if: github.event_name == 'pull_request' && github.event.pull_request.head.repo.full_name == github.repository
        env:
          GH_TOKEN: \${{ github.token }}
          GH_REPO: \${{ github.repository }}
          NUMBER: \${{ github.event.pull_request.number }}
        run: gh pr comment "$NUMBER" --body-file plan.md --edit-last --create-if-none
`;
}
