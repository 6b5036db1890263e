//! The outbox and the receipt: where each record is, in words that promise nothing.
#![expect(missing_docs, reason = "a field's name and its two sentences below say what it is")]

use super::plural;

/// Words of the outbox.
#[derive(Debug)]
pub struct OutboxWords {
    // How sending stands.
    pub ready: &'static str,
    pub all_sent: &'static str,
    pub sending: &'static str,
    pub paused: &'static str,
    pub sign_in: &'static str,
    /// Why, and when it is tried again.
    pub waits_until: fn(&str, &str) -> String,
    pub no_link: &'static str,
    pub portal: &'static str,
    pub bureau_busy: &'static str,
    pub bureau_full: &'static str,
    pub phone_full: &'static str,
    pub phone_full_what: &'static str,
    pub phone_trouble: &'static str,
    pub phone_trouble_what: &'static str,
    pub not_sent: &'static str,
    pub needs_a_look: &'static str,
    pub not_enrolled: &'static str,
    // Commands.
    pub pause: &'static str,
    pub resume: &'static str,
    pub retry: &'static str,
    pub wifi_only: &'static str,
    pub wifi_only_what: &'static str,
    pub net_free: &'static str,
    pub net_metered: &'static str,
    pub net_unknown: &'static str,
    pub let_go: &'static str,
    // Sections.
    pub sec_sending: &'static str,
    pub sec_waiting: &'static str,
    pub sec_trouble: &'static str,
    pub sec_delivered: &'static str,
    pub all_receipts: &'static str,
    pub n: fn(usize) -> String,
    pub more: fn(usize) -> String,
    pub empty: &'static str,
    pub empty_what: &'static str,
    // A row.
    pub report: &'static str,
    pub new_site: &'static str,
    pub finished: fn(&str) -> String,
    pub waits: fn(u32) -> String,
    pub received: fn(&str) -> String,
    pub received_lost: fn(&str) -> String,
    pub received_pictures: fn(&str, u32) -> String,
    pub received_originals: fn(&str, u32, u32) -> String,
    pub originals_wait: &'static str,
    pub last_receipt: fn(&str) -> String,
    pub tries: fn(u32) -> String,
    pub bytes: fn(&str, &str) -> String,
    pub whole: fn(&str, &str) -> String,
    pub left: fn(u64) -> String,
    pub sending_now: &'static str,
    pub here: &'static str,
    pub nothing_lost: &'static str,
    pub sign_in_what: &'static str,
    pub stranger: &'static str,
    pub stranger_what: &'static str,
    pub delivered: fn(&str, &str) -> String,
    pub see_receipt: &'static str,
    // The receipt.
    pub receipt: &'static str,
    pub receipt_record: &'static str,
    pub receipt_complete: &'static str,
    pub covers_record: &'static str,
    pub covers_complete: fn(u32) -> String,
    pub number: &'static str,
    pub time: &'static str,
    pub covers: &'static str,
    pub verified: &'static str,
    pub not_verified: &'static str,
    pub signed_text: &'static str,
    pub no_receipt: &'static str,
    pub fingerprint: &'static str,
}

/// About how long, rounded up to what can be promised: ten seconds, then minutes, then hours.
fn about(seconds: u64) -> (u64, u8) {
    match seconds {
        0..60 => (seconds.div_ceil(10).max(1) * 10, 0),
        60..3_600 => (seconds.div_ceil(60), 1),
        _ => (seconds.div_ceil(3_600), 2),
    }
}

/// Chinese.
pub const ZH: OutboxWords = OutboxWords {
    ready: "有网络时自动上传",
    all_sent: "都传完了",
    sending: "正在上传",
    paused: "已暂停，点“继续上传”再传",
    sign_in: "需要重新登记",
    waits_until: |why, time| format!("{why}，{time} 自动再试"),
    no_link: "连不上监督机构",
    portal: "这个网络要先登录网页",
    bureau_busy: "监督机构正忙",
    bureau_full: "监督机构存不下了",
    phone_full: "手机存满了",
    phone_full_what: "手机存满了，传到哪里记不下来。记录和照片都在手机里，没有丢；请删掉一些不用的视频或应用，腾出地方后会自动上传。",
    phone_trouble: "手机里的数据读写出错",
    phone_trouble_what: "这会儿读写不了手机里的数据，会自动再试。记录和照片都在手机里，请不要卸载应用；一直这样，请重启手机，还不行就把手机带到监督机构看看。",
    not_sent: "这次没传成",
    needs_a_look: "有的没传成，请看下面写的原因，再点“现在再试”",
    not_enrolled: "这台手机还没有登记，登记后才能上传",
    pause: "暂停上传",
    resume: "继续上传",
    retry: "现在再试",
    wifi_only: "原图等 Wi-Fi 再传",
    wifi_only_what: "记录和带水印的照片照常先传；原图较大，等连上 Wi-Fi。",
    net_free: "现在是 Wi-Fi",
    net_metered: "现在用手机流量",
    net_unknown: "手机没告诉应用现在是不是 Wi-Fi，原图先不传",
    let_go: "现在就传原图",
    sec_sending: "正在上传",
    sec_waiting: "等待上传",
    sec_trouble: "有问题，要看一下",
    sec_delivered: "已送达",
    all_receipts: "全部有回执",
    n: |n| format!("{n} 份"),
    more: |n| format!("再看 {n} 份"),
    empty: "还没有要上传的",
    empty_what: "做完一次巡查，就会出现在这里，有网络时自己上传。",
    report: "信息报告",
    new_site: "新单位",
    finished: |time| format!("{time} 完成"),
    waits: |pictures| match pictures {
        0 => "等着上传，都在手机里".to_owned(),
        n => format!("记录和 {n} 个图片文件等着上传，都在手机里"),
    },
    received: |time| format!("记录 {time} 已收到，等监督机构核齐"),
    received_lost: |time| {
        format!(
            "记录 {time} 已收到。监督机构后来找不到其中的原图，手机上的在收齐后已清理；带水印的照片都在。请告诉监督机构。"
        )
    },
    received_pictures: |time, left| format!("记录 {time} 已收到，还有 {left} 个图片文件在手机里"),
    received_originals: |time, all, left| format!("记录 {time} 已收到，{all} 张原图还有 {left} 张在手机里"),
    originals_wait: "原图在等 Wi-Fi",
    last_receipt: |number| format!("回执 {number}"),
    tries: |n| format!("试了 {n} 次没传成，会自动再试"),
    bytes: |sent, all| format!("{sent} / {all}"),
    whole: |there, all| format!("一共传了 {there} / {all}"),
    left: |seconds| match about(seconds) {
        (n, 0) => format!("还剩约 {n} 秒"),
        (n, 1) => format!("还剩约 {n} 分钟"),
        (n, _) => format!("还剩约 {n} 小时"),
    },
    sending_now: "正在传",
    here: "要传的内容在手机里读不出来。原文件没有动过；请不要卸载应用，把手机带到监督机构看看。",
    nothing_lost: "记录和照片都在手机里，没有丢。",
    sign_in_what: "监督机构没认出这台手机。记录和照片都在手机里，没有丢；请向监督机构要新的登记码，在“我的”里重新登记。",
    stranger: "连到的不是监督机构",
    stranger_what: "网络那头的证书不是登记时的那一张，所以什么都没有发送。记录和照片都在手机里，没有丢，应用会自动再试。换个网络还是这样，请向监督机构要新的二维码重新登记。",
    delivered: |number, time| format!("回执 {number} · {time} 收齐"),
    see_receipt: "看回执",
    receipt: "回执",
    receipt_record: "记录回执",
    receipt_complete: "齐全回执",
    covers_record: "记录原文，一字不差",
    covers_complete: |pictures| match pictures {
        0 => "记录原文，没有图片".to_owned(),
        n => format!("记录原文和它的 {n} 个图片文件，全部收齐"),
    },
    number: "回执号",
    time: "收到时间",
    covers: "收到了什么",
    verified: "签名已核对：是监督机构对这份记录签的",
    not_verified: "签名核对不上。记录和照片都在手机里，没有丢；请把这一页给监督机构看。",
    signed_text: "监督机构签名的原文",
    no_receipt: "还没有回执。记录和照片都在手机里，收到后会显示在这里。",
    fingerprint: "记录指纹",
};

/// English.
pub const EN: OutboxWords = OutboxWords {
    ready: "Sends by itself when there is a network",
    all_sent: "Everything is sent",
    sending: "Sending",
    paused: "Paused; tap “Go on sending”",
    sign_in: "Must be enrolled again",
    waits_until: |why, time| format!("{why}; tries again at {time}"),
    no_link: "The bureau is out of reach",
    portal: "This network wants a log-in first",
    bureau_busy: "The bureau is busy",
    bureau_full: "The bureau has no room",
    phone_full: "The phone is full",
    phone_full_what: "The phone is full, so what was sent cannot be noted. Records and photos are on the phone; nothing is lost. Delete videos or apps that you do not need; then they are sent by themselves.",
    phone_trouble: "The phone's data cannot be read or written",
    phone_trouble_what: "The phone's data cannot be read or written now; the app tries again. Records and photos are on the phone; do not uninstall the app. If it stays so, restart the phone, or take it to the bureau.",
    not_sent: "It was not sent",
    needs_a_look: "Some were not sent: read why below, then tap “Try now”",
    not_enrolled: "This phone is not enrolled; it sends once it is",
    pause: "Pause",
    resume: "Go on sending",
    retry: "Try now",
    wifi_only: "Originals wait for Wi-Fi",
    wifi_only_what: "Records and watermarked photos go first as ever; originals are larger and wait for Wi-Fi.",
    net_free: "On Wi-Fi now",
    net_metered: "On mobile data now",
    net_unknown: "The phone does not say whether this is Wi-Fi, so originals wait",
    let_go: "Send originals now",
    sec_sending: "Sending",
    sec_waiting: "Waiting",
    sec_trouble: "Needs a look",
    sec_delivered: "Delivered",
    all_receipts: "All with receipt",
    n: |n| n.to_string(),
    more: |n| format!("Show {n} more"),
    empty: "Nothing to send yet",
    empty_what: "A finished visit appears here and is sent by itself when there is a network.",
    report: "Information report",
    new_site: "New site",
    finished: |time| format!("Finished {time}"),
    waits: |pictures| match pictures {
        0 => "Waits to be sent; all of it is on the phone".to_owned(),
        n => format!("Record and {} wait to be sent; all is on the phone", plural(n.into(), "picture file")),
    },
    received: |time| format!("Record received {time}; the bureau is checking that all is there"),
    received_lost: |time| {
        format!(
            "Record received {time}. The bureau has lost originals of it since, and they were removed here once it had them; the watermarked photos are here. Tell the bureau."
        )
    },
    received_pictures: |time, left| {
        format!("Record received {time}; {} still on the phone", plural(left.into(), "picture file"))
    },
    received_originals: |time, all, left| {
        format!("Record received {time}; {left} of {} still on the phone", plural(all.into(), "original"))
    },
    originals_wait: "Originals wait for Wi-Fi",
    last_receipt: |number| format!("Receipt {number}"),
    tries: |n| format!("Tried {} without success; tries again by itself", plural(n.into(), "time")),
    bytes: |sent, all| format!("{sent} of {all}"),
    whole: |there, all| format!("{there} of {all} sent in all"),
    left: |seconds| match about(seconds) {
        (n, 0) => format!("about {n} s left"),
        (n, 1) => format!("about {n} min left"),
        (n, _) => format!("about {n} h left"),
    },
    sending_now: "Sending",
    here: "What is to be sent cannot be read on the phone. The files were not touched; do not uninstall the app, and take the phone to the bureau.",
    nothing_lost: "Record and photos are on the phone; nothing is lost.",
    sign_in_what: "The bureau does not know this phone. Records and photos are on the phone; nothing is lost. Ask the bureau for a new code and enrol again under Me.",
    stranger: "This is not the bureau",
    stranger_what: "Whoever answers shows another certificate than at enrolment, so nothing was sent. Records and photos are on the phone; nothing is lost, and the app tries again. If another network does not help, ask the bureau for a new QR code and enrol again.",
    delivered: |number, time| format!("Receipt {number} · complete {time}"),
    see_receipt: "Receipt",
    receipt: "Receipt",
    receipt_record: "Receipt for the record",
    receipt_complete: "Receipt for everything",
    covers_record: "The record, word for word",
    covers_complete: |pictures| match pictures {
        0 => "The record; it has no pictures".to_owned(),
        n => format!("The record and all of its {}", plural(n.into(), "picture file")),
    },
    number: "Number",
    time: "Received",
    covers: "Covers",
    verified: "Signature checked: the bureau signed this for this record",
    not_verified: "The signature does not fit. Record and photos are on the phone; nothing is lost. Show this page to the bureau.",
    signed_text: "The text the bureau signed",
    no_receipt: "No receipt yet. Record and photos are on the phone; it appears here once it comes.",
    fingerprint: "Record's hash",
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_never_promised_shorter_than_reckoned() {
        for (seconds, shown) in
            [(0, "约 10 秒"), (31, "约 40 秒"), (60, "约 1 分钟"), (61, "约 2 分钟"), (3_601, "约 2 小时")]
        {
            assert_eq!((ZH.left)(seconds), format!("还剩{shown}"));
        }
    }
}
