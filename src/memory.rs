//! How much memory the process may use.

use std::{fs, path::Path};

/// The memory that the process may use, in bytes: that of the machine, or less if its control group is limited
/// (<https://docs.kernel.org/admin-guide/cgroup-v2.html#memory-interface-files>). `None` on systems other than Linux.
pub fn available() -> Option<u64> {
    let machine = kilobytes(&fs::read_to_string("/proc/meminfo").ok()?, "MemTotal:")? * 1024;
    let group = fs::read_to_string("/proc/self/cgroup")
        .ok()
        .and_then(|groups| limit(Path::new("/sys/fs/cgroup"), &groups));
    Some(group.map_or(machine, |limit| limit.min(machine)))
}

/// The value of a line of `/proc/meminfo`.
fn kilobytes(meminfo: &str, name: &str) -> Option<u64> {
    let line = meminfo.lines().find_map(|line| line.strip_prefix(name))?;
    line.split_whitespace().next()?.parse().ok()
}

/// The lowest limit of the control groups in `groups`, the content of `/proc/self/cgroup`, and of the groups that contain
/// them. `None` if there is no limit.
fn limit(root: &Path, groups: &str) -> Option<u64> {
    let limits = groups.lines().filter_map(|line| {
        let mut fields = line.splitn(3, ':').skip(1);
        let (controllers, group) = (fields.next()?, fields.next()?);
        let (root, file) = match controllers {
            "" => (root.to_owned(), "memory.max"),
            // Version 1 has a hierarchy for each controller.
            _ if controllers.split(',').any(|name| name == "memory") => {
                (root.join("memory"), "memory.limit_in_bytes")
            }
            _ => return None,
        };
        // In a container, the group's own path may not exist below the root that is mounted there.
        Path::new(group.trim_start_matches('/'))
            .ancestors()
            .filter_map(|group| fs::read_to_string(root.join(group).join(file)).ok())
            .filter_map(|text| text.trim().parse::<u64>().ok())
            .min()
    });
    limits.min()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lowest_limit_of_a_control_group_and_its_parents_counts() {
        let root = tempfile::tempdir().unwrap();
        let write = |path: &str, text: &str| {
            let path = root.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        };
        write("system.slice/memory.max", "300000000\n");
        write("system.slice/dateline.service/memory.max", "max\n");
        write("memory/memory.limit_in_bytes", "200000000\n");
        let limit = |groups| limit(root.path(), groups);
        assert_eq!(
            limit("0::/system.slice/dateline.service\n"),
            Some(300_000_000)
        );
        assert_eq!(
            limit("5:cpu,memory:/docker/1234\n1:name=systemd:/\n"),
            Some(200_000_000)
        );
        assert_eq!(limit("0::/\n"), None);
    }

    #[test]
    fn the_memory_of_the_machine_is_known() {
        assert_eq!(
            kilobytes("MemTotal:       16303424 kB\nMemFree: 1 kB\n", "MemTotal:"),
            Some(16_303_424)
        );
        assert!(!cfg!(target_os = "linux") || available().is_some());
    }
}
