# k3s's own installer, and images for hosts that cannot pull them.
#   installer-url, installer-sha256    where it comes from, and its checksum
#   installer-releases                 mirror of k3s's releases on GitHub
#   installer-skip-download            true: the binary is here already
#   installer-images                   true: fetch the release's images
# shellcheck shell=sh disable=SC2034,SC2154 # the parts of remote.sh share their variables

must_install() {
  has_service "$service" || return 0
  [ -z "$adopting" ] || return 0
  [ "$installed" != "$version" ] && ! setting_is upgrade-by plans
}

# Comes before anything is changed: another installer than the one that is wanted leaves the host as it is.
fetch_installer() {
  installer=$dir/install.sh
  required url installer-url
  download "$url" "$installer" || die "cannot fetch the installer from $url"
  setting checksum installer-sha256
  [ -n "$checksum" ] || return 0
  found=$(sha256sum "$installer" | cut -d ' ' -f 1)
  [ "$found" = "$checksum" ] \
    || die "the installer from $url has the SHA-256 $found, not $checksum: it is not run, and this host stays as it was"
}

install_k3s() {
  log "installing k3s $version"
  setting releases installer-releases
  setting skip_download installer-skip-download
  # Installers before February 2026 read the first of the two only, later ones the second only.
  if [ -n "$releases" ]; then export GITHUB_URL="$releases" INSTALL_K3S_ARTIFACT_URL="$releases/download"; fi
  # The service starts later, where the wait for it is bounded. An upgrade of the SELinux policy is the installer's.
  INSTALL_K3S_VERSION="$version" INSTALL_K3S_EXEC="$kind" INSTALL_K3S_SKIP_START=true \
    INSTALL_K3S_SKIP_DOWNLOAD="$skip_download" \
    timeout "$timeout" sh "$installer" || die "the installer of k3s failed, or took longer than $timeout s"
  installed=$(installed_version)
  [ "$installed" = "$version" ] || die "the host has k3s ${installed:-of no version}, not $version, after its installer ran"
}

# k3s takes the images of this folder in when it starts.
fetch_images() {
  if ! setting_is installer-images true || setting_is installer-skip-download true; then return; fi
  case $(uname -m) in
    x86_64 | amd64) arch=amd64 ;;
    aarch64 | arm64) arch=arm64 ;;
    arm*) arch=arm ;;
    *) die "k3s has no images for the architecture '$(uname -m)'" ;;
  esac
  images=$data/agent/images archive=k3s-airgap-images-$arch.tar.zst
  setting releases installer-releases
  from=${releases:-https://github.com/k3s-io/k3s/releases}/download/$(printf '%s' "$version" | sed 's/+/%2B/')
  read_line fetched "$images/.$archive.release"
  if [ "$fetched" = "$version" ] && [ -s "$images/$archive" ]; then return; fi
  log "fetching the images of $version"
  download "$from/sha256sum-$arch.txt" "$dir/sums" || die "cannot fetch the checksums from $from"
  download "$from/$archive" "$dir/$archive" || die "cannot fetch $archive from $from"
  checksum=$(awk -v name="$archive" '$2 == name { print $1 }' "$dir/sums")
  [ "$(sha256sum "$dir/$archive" | cut -d ' ' -f 1)" = "$checksum" ] || die "$archive from $from has not its checksum"
  mkdir -p "$images"
  mv "$dir/$archive" "$images/$archive"
  printf '%s\n' "$version" >"$images/.$archive.release"
}
