//! Words of the bureau's console.

use super::plural;

/// Words of the console.
#[derive(Debug)]
pub struct ConsoleWords {
    /// Skip link for keyboards and screen readers.
    pub skip: &'static str,
    /// 收件.
    pub inbox: &'static str,
    /// 退出.
    pub log_out: &'static str,
    /// The other language, in its own words.
    pub other_language: &'static str,
    /// Role viewer.
    pub viewer: &'static str,
    /// Role reviewer.
    pub reviewer: &'static str,
    /// Role admin.
    pub admin: &'static str,
    /// A demonstration bureau.
    pub demo: &'static str,
    /// Log-in page.
    pub log_in: LogInWords,
    /// Inbox page.
    pub list: ListWords,
    /// Record page.
    pub page: PageWords,
    /// Error pages.
    pub error: ErrorWords,
}

/// Words of the log-in page.
#[derive(Debug)]
pub struct LogInWords {
    /// 登录.
    pub title: &'static str,
    /// 账号.
    pub account: &'static str,
    /// 密码.
    pub password: &'static str,
    /// The button.
    pub submit: &'static str,
    /// Account or password wrong; never says which.
    pub wrong: &'static str,
    /// Wait so many seconds.
    pub wait: fn(u64) -> String,
    /// The page is too old, or its form was not ours.
    pub stale: &'static str,
    /// Logged out.
    pub bye: &'static str,
    /// Who gives accounts.
    pub help: &'static str,
}

/// Words of the inbox.
#[derive(Debug)]
pub struct ListWords {
    /// Today n.
    pub today: fn(u64) -> String,
    /// n found.
    pub found: fn(u64) -> String,
    /// Which of them are on this page.
    pub range: fn(u64, u64, u64) -> String,
    /// Column: received.
    pub received: &'static str,
    /// Column: site.
    pub site: &'static str,
    /// Column: checklist.
    pub checklist: &'static str,
    /// Column: coordinator.
    pub coordinator: &'static str,
    /// Column: failed items.
    pub failed: &'static str,
    /// Column: evidence.
    pub evidence: &'static str,
    /// Photos held of photos named, as blobs.
    pub files: fn(u64, u64) -> String,
    /// All blobs held.
    pub complete: &'static str,
    /// Some to come.
    pub incomplete: &'static str,
    /// No photo in the record.
    pub no_photos: &'static str,
    /// Field: text.
    pub search: &'static str,
    /// Its placeholder.
    pub search_hint: &'static str,
    /// Field: township.
    pub township: &'static str,
    /// All townships.
    pub all_townships: &'static str,
    /// Field: level.
    pub level: &'static str,
    /// All levels.
    pub all_levels: &'static str,
    /// Filter: only with failed items.
    pub only_failed: &'static str,
    /// Filter: evidence incomplete.
    pub only_incomplete: &'static str,
    /// The button.
    pub apply: &'static str,
    /// Back to everything.
    pub clear: &'static str,
    /// Previous page.
    pub newer: &'static str,
    /// Next page.
    pub older: &'static str,
    /// Nothing received at all: what to do.
    pub empty: &'static str,
    /// And how.
    pub empty_next: &'static str,
    /// Nothing fits the filters.
    pub none_fit: &'static str,
    /// 今天.
    pub day_today: &'static str,
    /// 昨天.
    pub day_yesterday: &'static str,
    /// A later revision.
    pub revision: fn(u32) -> String,
    /// Filters, for screen readers.
    pub filters: &'static str,
    /// Pages, for screen readers.
    pub pages: &'static str,
}

/// Words of the record page.
#[derive(Debug)]
pub struct PageWords {
    /// Back to the inbox.
    pub back: &'static str,
    /// The seal fits the stored bytes now.
    pub seal_valid: &'static str,
    /// It does not.
    pub seal_broken: &'static str,
    /// All n originals held and hash-equal.
    pub originals_held: fn(u64) -> String,
    /// All n held, too large to hash for one page.
    pub originals_unchecked: fn(u64) -> String,
    /// Held of named.
    pub originals_missing: fn(u64, u64) -> String,
    /// Held files whose hash no longer fits.
    pub originals_broken: fn(u64) -> String,
    /// No photos.
    pub no_photos: &'static str,
    /// Outside the fence.
    pub outside_fence: fn(&str) -> String,
    /// For the reviewer.
    pub problems: &'static str,
    /// Receipts.
    pub receipts: &'static str,
    /// Kind of receipt: record.
    pub receipt_record: &'static str,
    /// Kind of receipt: complete.
    pub receipt_complete: &'static str,
    /// Not complete yet.
    pub receipt_waiting: &'static str,
    /// Received at.
    pub received: &'static str,
    /// Number.
    pub number: &'static str,
    /// Hash of the document.
    pub hash: &'static str,
    /// Phone.
    pub device: &'static str,
    /// App version.
    pub app: &'static str,
    /// Other revisions and twins of this visit.
    pub siblings: &'static str,
    /// This one.
    pub this_one: &'static str,
    /// Two documents of the same revision.
    pub twins: &'static str,
    /// Download the signed bytes.
    pub download: &'static str,
    /// Print (a hint: the browser prints).
    pub print_hint: &'static str,
    /// Evidence card.
    pub evidence: &'static str,
    /// Signed bytes that cannot be read as a record.
    pub unreadable: &'static str,
    /// Printed by, at.
    pub printed: fn(&str, &str) -> String,
}

/// Words of error pages.
#[derive(Debug)]
pub struct ErrorWords {
    /// Nothing there.
    pub not_found: &'static str,
    /// What next.
    pub not_found_next: &'static str,
    /// Not allowed.
    pub forbidden: &'static str,
    /// What next.
    pub forbidden_next: &'static str,
    /// Broken.
    pub broken: &'static str,
    /// What next.
    pub broken_next: &'static str,
    /// Too much at once.
    pub busy: &'static str,
    /// What next.
    pub busy_next: &'static str,
    /// The form was not ours or too old.
    pub stale: &'static str,
    /// What next.
    pub stale_next: &'static str,
    /// Back to the inbox.
    pub back: &'static str,
}

/// Chinese.
pub const ZH: ConsoleWords = ConsoleWords {
    skip: "跳到正文",
    inbox: "收件",
    log_out: "退出",
    other_language: "English",
    viewer: "查阅员",
    reviewer: "审核员",
    admin: "管理员",
    demo: "演示数据，全部为虚构",
    log_in: LogInWords {
        title: "登录",
        account: "账号",
        password: "密码",
        submit: "登录",
        wrong: "账号或密码不对，请核对后再试。",
        wait: |s| format!("试的次数太多，请等 {s} 秒再试。"),
        stale: "页面放得太久，请再登录一次。",
        bye: "已退出。",
        help: "没有账号？请找本单位的系统管理员开通。",
    },
    list: ListWords {
        today: |n| format!("今日 {n}"),
        found: |n| format!("{n} 份"),
        range: |from, to, all| format!("第 {from}–{to} 份，共 {all} 份"),
        received: "收到",
        site: "单位",
        checklist: "检查表",
        coordinator: "协管员",
        failed: "不符合",
        evidence: "照片",
        files: |held, all| format!("文件 {held}/{all}"),
        complete: "齐全",
        incomplete: "未齐",
        no_photos: "无照片",
        search: "查找",
        search_hint: "单位、协管员、编号",
        township: "乡镇",
        all_townships: "全部乡镇",
        level: "级别",
        all_levels: "全部级别",
        only_failed: "有不符合项",
        only_incomplete: "证据未齐",
        apply: "筛选",
        clear: "清除筛选",
        newer: "较新",
        older: "较早",
        empty: "还没有收到巡查记录",
        empty_next: "协管员的手机登记并上传后，记录会出现在这里。用 bureau enrol 生成登记码。",
        none_fit: "没有符合这些条件的记录",
        day_today: "今天",
        day_yesterday: "昨天",
        revision: |n| format!("第 {n} 版"),
        filters: "筛选条件",
        pages: "翻页",
    },
    page: PageWords {
        back: "返回收件",
        seal_valid: "签名有效",
        seal_broken: "签名与内容不符",
        originals_held: |n| format!("{n} 张原图齐全、哈希一致"),
        originals_unchecked: |n| format!("{n} 张原图齐全，本页未逐一核对哈希"),
        originals_missing: |held, all| format!("原图 {held}/{all}，其余待传"),
        originals_broken: |n| format!("{n} 个文件哈希不一致"),
        no_photos: "没有照片",
        outside_fence: |distance| format!("距登记点 {distance}，在围栏外"),
        problems: "请审核时留意",
        receipts: "回执",
        receipt_record: "记录已收到",
        receipt_complete: "记录和照片齐全",
        receipt_waiting: "照片齐全后开出",
        received: "收到时间",
        number: "编号",
        hash: "文件哈希",
        device: "手机",
        app: "应用版本",
        siblings: "同一次巡查的各版",
        this_one: "本页",
        twins: "同一版有两份不同内容，请审核时选定",
        download: "下载签名原文",
        print_hint: "可直接用浏览器打印，A4",
        evidence: "凭证",
        unreadable: "签名原文无法读取，只能下载",
        printed: |who, at| format!("{who} 于 {at} 打印"),
    },
    error: ErrorWords {
        not_found: "没有找到这个页面",
        not_found_next: "记录可能不在您的管辖乡镇，或链接不完整。数据没有变化。",
        forbidden: "您的账号不能打开这里",
        forbidden_next: "需要时请找系统管理员调整账号。数据没有变化。",
        broken: "系统出了故障",
        broken_next: "已收到的数据都在，没有变化。请稍后重试；一直这样请找系统管理员查看日志。",
        busy: "现在太忙，没有执行",
        busy_next: "请返回，过一会儿再提交。数据没有变化。",
        stale: "页面已过期，没有执行",
        stale_next: "请返回刷新页面后再试。数据没有变化。",
        back: "回到收件",
    },
};

/// English.
pub const EN: ConsoleWords = ConsoleWords {
    skip: "Skip to content",
    inbox: "Inbox",
    log_out: "Log out",
    other_language: "中文",
    viewer: "Viewer",
    reviewer: "Reviewer",
    admin: "Admin",
    demo: "Demonstration: all data is made up",
    log_in: LogInWords {
        title: "Log in",
        account: "Account",
        password: "Password",
        submit: "Log in",
        wrong: "Account or password is wrong. Check both and try again.",
        wait: |s| format!("Too many tries. Wait {s} seconds and try again."),
        stale: "The page was open too long. Please log in again.",
        bye: "You are logged out.",
        help: "No account? Ask your system administrator for one.",
    },
    list: ListWords {
        today: |n| format!("{n} today"),
        found: |n| plural(n, "record"),
        range: |from, to, all| format!("{from}–{to} of {all}"),
        received: "Received",
        site: "Site",
        checklist: "Checklist",
        coordinator: "Coordinator",
        failed: "Failed",
        evidence: "Photos",
        files: |held, all| format!("{held}/{all} files"),
        complete: "complete",
        incomplete: "incomplete",
        no_photos: "no photos",
        search: "Search",
        search_hint: "Site, coordinator, number",
        township: "Township",
        all_townships: "All townships",
        level: "Level",
        all_levels: "All levels",
        only_failed: "With failed items",
        only_incomplete: "Evidence incomplete",
        apply: "Filter",
        clear: "Clear filters",
        newer: "Newer",
        older: "Older",
        empty: "No records received yet",
        empty_next: "Records appear here once a coordinator's phone is enrolled and has sent one. Make codes with bureau enrol.",
        none_fit: "No record fits these filters",
        day_today: "Today",
        day_yesterday: "Yesterday",
        revision: |n| format!("Revision {n}"),
        filters: "Filters",
        pages: "Pages",
    },
    page: PageWords {
        back: "Back to the inbox",
        seal_valid: "Seal valid",
        seal_broken: "The seal does not fit the content",
        originals_held: |n| format!("{} held, hashes equal", plural(n, "original")),
        originals_unchecked: |n| format!("{} held, too large to hash for one page", plural(n, "original")),
        originals_missing: |held, all| format!("{held}/{all} originals, the rest to come"),
        originals_broken: |n| format!("{} with another hash", plural(n, "file")),
        no_photos: "No photos",
        outside_fence: |distance| format!("{distance} from the registered point: outside the fence"),
        problems: "For the reviewer",
        receipts: "Receipts",
        receipt_record: "Record received",
        receipt_complete: "Record and photos complete",
        receipt_waiting: "issued once all photos are here",
        received: "Received",
        number: "Number",
        hash: "Document hash",
        device: "Phone",
        app: "App version",
        siblings: "Versions of this visit",
        this_one: "this page",
        twins: "One revision exists with two contents; the reviewer chooses",
        download: "Download the signed text",
        print_hint: "Print from the browser, A4",
        evidence: "Evidence",
        unreadable: "The signed text cannot be read; it can only be downloaded",
        printed: |who, at| format!("Printed by {who} at {at}"),
    },
    error: ErrorWords {
        not_found: "There is no such page",
        not_found_next: "The record may be outside your township, or the link is incomplete. No data has changed.",
        forbidden: "Your account may not open this",
        forbidden_next: "If you need it, ask your system administrator. No data has changed.",
        broken: "Something broke",
        broken_next: "Everything received is safe and unchanged. Try again later; if it stays so, ask your system administrator to look at the log.",
        busy: "Too busy just now, so nothing was done",
        busy_next: "Go back and send it again in a moment. No data has changed.",
        stale: "The page was out of date, so nothing was done",
        stale_next: "Go back, reload the page and try again. No data has changed.",
        back: "To the inbox",
    },
};
