# The release that runs here.
# shellcheck shell=sh disable=SC2034,SC2154 # the parts of remote.sh share their variables

installed_version() {
  if command -v k3s >/dev/null; then k3s --version | sed -n 's/^k3s version \([^ ]*\).*/\1/p'; fi
}

# Whether the version may take the place of the one that is installed.
check_version() {
  installed=$(installed_version)
  if [ -z "$installed" ] || ! has_service "$service" || setting_is upgrade-by plans; then return; fi
  wrong=$(upgrade_fault "$installed" "$version")
  [ -z "$wrong" ] || fault "$wrong"
}
