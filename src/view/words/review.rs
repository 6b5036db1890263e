//! Looking a visit through, signing it, and what happens after it is finished.

/// Words of review, signature and the end.
#[derive(Debug)]
pub struct ReviewWords {
    /// Readings without an instrument, as one card: how many.
    pub no_instrument: fn(usize) -> String,
    /// What to do about them.
    pub no_instrument_next: &'static str,
    /// Of so many.
    pub n_of_level: fn(usize) -> String,
    /// The report that goes with it.
    pub report_goes: &'static str,
    /// All of them stand in a report that is sealed.
    pub report_said: &'static str,
    /// Opens it.
    pub report_look: &'static str,
    /// The findings changed since the guidance was typed.
    pub guidance_differs: &'static str,
    /// Write it anew.
    pub again: &'static str,
    /// One guidance and one signature for several sheets.
    pub one_for_all: fn(usize) -> String,
    /// What the signer is, optional.
    pub role: &'static str,
    /// Signed: can be signed again.
    pub signed: &'static str,
    /// What to write when the site does not sign.
    pub unsigned_hint: &'static str,
    /// 已完成.
    pub done_title: &'static str,
    /// The visit is finished.
    pub done: &'static str,
    /// Where it is and that it cannot be changed.
    pub done_kept: &'static str,
    /// Its photos.
    pub done_photos: fn(usize) -> String,
    /// It has none.
    pub done_no_photos: &'static str,
    /// The report goes first.
    pub done_report: &'static str,
    /// The bureau has the report.
    pub done_report_there: &'static str,
    /// When everything goes.
    pub done_when: &'static str,
    /// It is on its way now.
    pub done_sending: &'static str,
    /// Sending is paused.
    pub done_paused: &'static str,
    /// The bureau has the record: its number.
    pub done_received: fn(&str) -> String,
    /// Where to see the receipt.
    pub done_receipt: &'static str,
    /// To the outbox.
    pub to_outbox: &'static str,
    /// To today.
    pub to_today: &'static str,
}

/// Chinese.
pub const ZH: ReviewWords = ReviewWords {
    no_instrument: |n| format!("{n} 个读数没写用什么测的"),
    no_instrument_next: "点一下补上；不补也能完成。",
    n_of_level: |n| format!("{n} 项"),
    report_goes: "这几项会自动写成信息报告，完成时最先发出。",
    report_said: "这几项已经报告过，完成时不会重复报。",
    report_look: "看报告",
    guidance_differs: "查到的情况变了，指导意见是你改过的，没有替你动。",
    again: "重新生成",
    one_for_all: |n| format!("{n} 张表，一份指导意见，签一次字。"),
    role: "身份，如负责人",
    signed: "已签字",
    unsigned_hint: "写清原因；有见证人就写上名字。",
    done_title: "已完成",
    done: "这次巡查做完了",
    done_kept: "记录已封存在这台手机里，不会丢，也不能再改。",
    done_photos: |n| format!("{n} 张照片一起存好了。"),
    done_no_photos: "这次没有拍照片。",
    done_report: "信息报告最先发出。",
    done_report_there: "信息报告监督机构已经收到。",
    done_when: "有网络就自动上传，你不用管。",
    done_sending: "正在上传。",
    done_paused: "上传现在暂停着，在“上传”里点“继续上传”。",
    done_received: |number| format!("监督机构已收到，回执 {number}。"),
    done_receipt: "回执在“上传”里看。",
    to_outbox: "看上传",
    to_today: "回到今天",
};

/// English.
pub const EN: ReviewWords = ReviewWords {
    no_instrument: |n| {
        if n == 1 {
            "1 reading without an instrument".to_owned()
        } else {
            format!("{n} readings without an instrument")
        }
    },
    no_instrument_next: "Touch one to add it; you can also finish without.",
    n_of_level: |n| n.to_string(),
    report_goes: "These become an information report by themselves; it goes first when you finish.",
    report_said: "These are reported already; finishing does not report them again.",
    report_look: "See the report",
    guidance_differs: "The findings changed. You wrote this guidance, so it was left alone.",
    again: "Write it anew",
    one_for_all: |n| format!("{n} sheets, one guidance, one signature."),
    role: "Role, such as manager",
    signed: "Signed",
    unsigned_hint: "Say why, and name a witness if there is one.",
    done_title: "Finished",
    done: "This visit is finished",
    done_kept: "The record is sealed on this phone. It cannot get lost and cannot be changed.",
    done_photos: |n| {
        if n == 1 { "1 photo is kept with it.".to_owned() } else { format!("{n} photos are kept with it.") }
    },
    done_no_photos: "No photo was taken.",
    done_report: "The information report goes first.",
    done_report_there: "The bureau has the information report.",
    done_when: "It goes up by itself as soon as there is a network.",
    done_sending: "It is going up now.",
    done_paused: "Sending is paused; resume it under Outbox.",
    done_received: |number| format!("The bureau has it, receipt {number}."),
    done_receipt: "The receipt is under Outbox.",
    to_outbox: "See outbox",
    to_today: "Back to today",
};
