"""Which file system holds a path, and whether that one is shared between machines."""

from pathlib import Path

import psutil

# Types that are shared with other machines, as the system names them: SQLite's shared memory and its locks do
# not reach those (https://www.sqlite.org/wal.html). 9p and virtiofs are not among them: those are mostly the
# disks of virtual machines and containers.
NETWORK = frozenset(
    {
        *("nfs", "nfs3", "nfs4", "cifs", "smb3", "smbfs", "smb2", "ncpfs", "afpfs", "webdav"),
        *("afs", "auristorfs", "coda", "ceph", "lustre", "gpfs", "beegfs", "pvfs2", "orangefs", "panfs"),
        *("fuse.sshfs", "fuse.glusterfs", "fuse.ceph-fuse", "fuse.cephfs", "fuse.moosefs", "fuse.lizardfs"),
        *("fuse.juicefs", "fuse.s3fs", "fuse.gcsfuse", "fuse.rclone", "fuse.davfs", "fuse.smbnetfs"),
        *("fuse.curlftpfs", "fuse.dfs", "fuse.quobyte", "fuse.mount-s3", "fuse.blobfuse2", "fuse.gvfsd-fuse"),
    }
)


def file_system(path: Path) -> str | None:
    """The type of the file system that holds this (resolved) path, such as "ext4"; None if nobody can say."""
    found = None
    for mount in psutil.disk_partitions(all=True):  # of two at one place the later one lies on top
        place = Path(mount.mountpoint)
        if path.is_relative_to(place) and (found is None or len(place.parts) >= len(found[0].parts)):
            found = place, mount.fstype
    return found[1] if found else None


def network_file_system(path: Path) -> str | None:
    """The type of the network file system that holds this (resolved) path; None if there is none."""
    kind = file_system(path)
    return kind if kind in NETWORK else None
