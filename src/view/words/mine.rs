//! Me: who works here, room on the phone, what a helper asks, licences, privacy.
#![expect(missing_docs, reason = "a field's name and its two sentences below say what it is")]

use super::plural;

/// Words of the fourth tab.
#[derive(Debug)]
pub struct MineWords {
    pub coordinator: &'static str,
    pub enrol_other: &'static str,
    pub enrol_other_what: &'static str,
    pub others_drafts: fn(&str, usize) -> String,
    pub hands: &'static str,
    pub hands_what: &'static str,
    pub hand_drafts: fn(usize) -> String,
    pub hand_to: fn(&str) -> String,
    pub handed: fn(&str) -> String,
    pub stranger: &'static str,
    pub hotline: &'static str,
    // Room.
    pub room: &'static str,
    pub pictures: fn(usize) -> String,
    pub removable: fn(usize, &str, u16) -> String,
    pub nothing_removable: fn(u16) -> String,
    /// Days, and free megabytes below which the oldest go sooner (0: never).
    pub keeping: fn(u16, u32) -> String,
    pub free: fn(&str) -> String,
    pub freed: fn(&str) -> String,
    pub free_what: &'static str,
    // Help and the rest.
    pub help: &'static str,
    pub help_line: &'static str,
    pub diagnostics: &'static str,
    pub diagnostics_line: &'static str,
    pub diagnostics_what: &'static str,
    pub copy: &'static str,
    pub copied: &'static str,
    pub not_copied: &'static str,
    pub licences: &'static str,
    pub licences_line: &'static str,
    pub privacy: &'static str,
    pub privacy_line: &'static str,
    pub agreed_at: fn(&str) -> String,
    pub withdraw: &'static str,
    pub withdraw_sure: &'static str,
    pub withdraw_what: &'static str,
    pub sizes: [&'static str; 3],
}

/// Chinese.
pub const ZH: MineWords = MineWords {
    coordinator: "协管员",
    enrol_other: "换人或重新登记",
    enrol_other_what: "新来的协管员用自己的登记码登记一次，以后点名字就能换人，不用网络。前一位没做完的巡查留给他本人，没传完的会接着传。",
    others_drafts: |name, n| format!("{name} 还有 {n} 份没做完的巡查在这台手机里，他本人登记后就能接着做。"),
    hands: "也用这台手机的人",
    hands_what: "把手机交给谁，就点谁。没有网络也能换。",
    hand_drafts: |n| match n {
        0 => "没有没做完的巡查".to_owned(),
        n => format!("{n} 份没做完的巡查"),
    },
    hand_to: |name| format!("换成 {name}"),
    handed: |name| format!("现在是 {name} 在用这台手机。"),
    stranger: "这个人没有在这台手机上登记过，没有换。请用他自己的登记码登记。",
    hotline: "电话",
    room: "手机空间",
    pictures: |n| format!("存着 {n} 个图片文件，都加密了。"),
    removable: |n, size, days| {
        format!("其中 {n} 张原图（{size}）监督机构已收齐超过 {days} 天，可以清掉；记录和带水印的照片会留下。")
    },
    nothing_removable: |days| format!("没有可以清的。收齐超过 {days} 天的原图才能清；没传完的一张也不会动。"),
    keeping: |days, mb| {
        let sooner = if mb == 0 {
            String::new()
        } else {
            format!("手机剩余空间不到 {mb} MB 时，最早收齐的先清。")
        };
        format!("监督机构收齐后，原图在手机里再留 {days} 天，到时自动清。{sooner}")
    },
    free: |size| format!("清出 {size}"),
    freed: |size| format!("清出了 {size}。"),
    free_what: "只清已收齐的原图，别的都不动。",
    help: "怎么用",
    help_line: "没有网络也能看",
    diagnostics: "手机情况",
    diagnostics_line: "打电话求助时念给对方听",
    diagnostics_what: "下面没有姓名、单位和位置，可以放心复制给监督机构。",
    copy: "复制",
    copied: "已复制",
    not_copied: "没能复制，请长按下面的文字。",
    licences: "开源许可",
    licences_line: "这个应用用到的软件",
    privacy: "隐私说明",
    privacy_line: "看说明，或收回同意",
    agreed_at: |time| format!("{time} 同意"),
    withdraw: "收回同意",
    withdraw_sure: "确定收回，停用应用",
    withdraw_what: "收回后应用停用，不再上传；没传完的内容留在手机里，不会丢，再同意就能接着用。",
    sizes: ["标准 100%", "大 140%", "特大 200%"],
};

/// English.
pub const EN: MineWords = MineWords {
    coordinator: "Coordinator",
    enrol_other: "Someone else, or enrol again",
    enrol_other_what: "Another coordinator enrols once with a code of their own; from then on a tap on the name is enough, without a network. Unfinished visits stay with whoever began them; what was not sent goes on being sent.",
    others_drafts: |name, n| {
        format!(
            "{name} has {} on this phone and can go on after enrolling.",
            plural(n as u64, "unfinished visit")
        )
    },
    hands: "Others who use this phone",
    hands_what: "Tap whoever you give the phone to. Works without a network.",
    hand_drafts: |n| match n {
        0 => "No unfinished visit".to_owned(),
        n => plural(n as u64, "unfinished visit"),
    },
    hand_to: |name| format!("Change to {name}"),
    handed: |name| format!("{name} uses this phone now."),
    stranger: "This person is not enrolled on this phone, so nothing was changed. They enrol with a code of their own.",
    hotline: "Telephone",
    room: "Room on the phone",
    pictures: |n| format!("Holds {}, all encrypted.", plural(n as u64, "picture file")),
    removable: |n, size, days| {
        format!(
            "Of these, {} ({size}) reached the bureau more than {days} days ago and may go; records and watermarked photos stay.",
            plural(n as u64, "original")
        )
    },
    keeping: |days, mb| {
        let sooner = if mb == 0 {
            String::new()
        } else {
            format!(" With less than {mb} MB free, the oldest go first.")
        };
        format!("Originals stay {days} days after the bureau has everything, then go by themselves.{sooner}")
    },
    nothing_removable: |days| {
        format!(
            "Nothing may go. Only originals that the bureau has held for {days} days can; nothing unsent is touched."
        )
    },
    free: |size| format!("Free {size}"),
    freed: |size| format!("{size} freed."),
    free_what: "Only originals that were delivered; nothing else.",
    help: "How to",
    help_line: "Works without a network",
    diagnostics: "State of the phone",
    diagnostics_line: "To read out when calling for help",
    diagnostics_what: "No names, sites or positions are below; it is safe to copy to the bureau.",
    copy: "Copy",
    copied: "Copied",
    not_copied: "Could not copy; press and hold the text below.",
    licences: "Licences",
    licences_line: "Software used by this app",
    privacy: "Privacy notice",
    privacy_line: "Read it, or take the consent back",
    agreed_at: |time| format!("Agreed {time}"),
    withdraw: "Take the consent back",
    withdraw_sure: "Yes, stop the app",
    withdraw_what: "The app then stops and sends nothing; what was not sent stays on the phone, is not lost, and goes on once you agree again.",
    sizes: ["Normal 100 %", "Large 140 %", "Largest 200 %"],
};
