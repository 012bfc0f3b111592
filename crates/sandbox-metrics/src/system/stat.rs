//! A line of `/proc/PID/stat`.

use std::fs;

/// What a process is doing. Times are in ticks of the clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Stat {
    pub pid: i32,
    pub parent: i32,
    pub user: u64,
    pub system: u64,
    /// Of children that have ended and were waited for.
    pub children_user: u64,
    pub children_system: u64,
    pub threads: u64,
    /// Since the machine began.
    pub start: u64,
    pub virtual_bytes: u64,
    resident_pages: u64,
}

impl Stat {
    /// Of a process by its number, or of `self`; `None` when it is gone.
    pub fn of(process: &str) -> Option<Self> {
        Self::parse(&String::from_utf8_lossy(&fs::read(format!("/proc/{process}/stat")).ok()?))
    }

    /// Of all processes.
    pub fn all() -> Vec<Self> {
        let entries = fs::read_dir("/proc").into_iter().flatten().flatten();
        let names = entries.filter_map(|entry| entry.file_name().into_string().ok());
        names.filter(|name| name.bytes().all(|byte| byte.is_ascii_digit())).filter_map(|name| Self::of(&name)).collect()
    }

    fn parse(line: &str) -> Option<Self> {
        // The name in brackets may hold blanks and brackets of its own.
        let (front, rest) = line.rsplit_once(')')?;
        let fields: Vec<&str> = rest.split_ascii_whitespace().collect();
        // The third field of the manual is the first one here.
        let number = |field: usize| fields.get(field - 3)?.parse::<u64>().ok();
        Some(Self {
            pid: front.split(' ').next()?.parse().ok()?,
            parent: fields.get(1)?.parse().ok()?,
            user: number(14)?,
            system: number(15)?,
            children_user: number(16)?,
            children_system: number(17)?,
            threads: number(20)?,
            start: number(22)?,
            virtual_bytes: number(23)?,
            resident_pages: number(24)?,
        })
    }

    pub fn own_cpu_seconds(&self) -> f64 {
        seconds(self.user + self.system)
    }

    /// Of children that have ended.
    pub fn ended_cpu_seconds(&self) -> f64 {
        seconds(self.children_user + self.children_system)
    }

    pub fn start_seconds(&self) -> f64 {
        seconds(self.start)
    }

    pub fn resident_bytes(&self) -> f64 {
        self.resident_pages as f64 * rustix::param::page_size() as f64
    }
}

fn seconds(ticks: u64) -> f64 {
    ticks as f64 / rustix::param::clock_ticks_per_second().max(1) as f64
}

/// When the machine began, as a Unix time.
pub(super) fn boot_time() -> Option<f64> {
    fs::read_to_string("/proc/stat").ok()?.lines().find_map(|line| line.strip_prefix("btime "))?.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_with_brackets_do_not_confuse() {
        let line = "12 (a ) S (b) R 7 9 9 0 -1 4194304 100 0 0 0 11 22 33 44 20 0 5 0 777 4096000 250 18446744073709551615 1";
        let stat = Stat::parse(line).unwrap();
        assert_eq!((stat.pid, stat.parent, stat.user, stat.system), (12, 7, 11, 22));
        assert_eq!((stat.children_user, stat.children_system, stat.threads, stat.start), (33, 44, 5, 777));
        assert_eq!((stat.virtual_bytes, stat.resident_pages), (4_096_000, 250));
        assert_eq!(Stat::parse("12 (x) R 7"), None);
        assert_eq!(Stat::parse(""), None);
    }
}
