/// Query parameters that say who followed a link, from where or in which session, and never which
/// page it leads to, on any site. Names as documented by the advertising, mail and analytics
/// products that add them; names with another meaning somewhere belong to single sites instead.
enum TrackingParameters {
    /// Lower case.
    static let names: Set<String> = [
        // Advertising click identifiers.
        "fbclid", "gclid", "gclsrc", "dclid", "gbraid", "wbraid", "msclkid", "yclid", "ysclid",
        "twclid", "ttclid", "li_fat_id", "li_ed", "igshid", "igsh", "mibextid", "epik", "scclid", "sccid",
        "rdt_cid", "rtkcid", "irclickid", "irgwc", "clickid", "click_id", "cjevent", "cjdata",
        "awc", "zanpid", "sscid", "sznclid", "dicbo", "obclid", "tblci", "vmcid", "wickedid", "wickedsource",
        "srsltid", "gad", "gad_source", "gad_campaignid", "gdfms", "gdftrk", "gdffi",
        "s_kwcid", "ef_id", "mkwid", "pcrid", "rb_clickid", "unicorn_click_id", "admitad_uid",
        "ranmid", "raneaid", "ransiteid", "lsnpubid", "ndclid", "bbclid",
        // Analytics.
        "_ga", "_gl", "_gac", "_gid", "__utma", "__utmb", "__utmc", "__utmv", "__utmx", "__utmz", "__utmk",
        "_openstat", "xtor", "wt_mc", "wt_zmc", "wt.mc_id", "wt.mc_ev", "wt.nav", "wt.tsrc", "wtrid",
        "s_cid", "sc_cid", "cmpid", "cmp_id", "icid", "ncid", "echobox", "ftag",
        "spm", "scm", "gs_l", "gs_lcp", "gs_lcrp", "sxsrf", "_branch_match_id", "_branch_referrer",
        "action_object_map", "action_type_map", "action_ref_map", "fb_action_ids", "fb_action_types",
        "fb_source", "fb_ref", "fb_comment_id", "tracking_source", "guccounter", "guce_referrer",
        "guce_referrer_sig", "soc_src", "soc_trk", "ref_src", "ref_url", "__twitter_impression",
        "tt_medium", "tt_content", "sms_click", "sms_source", "sms_uph",
        "redirect_log_mongo_id", "redirect_mongo_id", "sb_referer_host", "trk_contact", "trk_msg",
        "trk_module", "trk_sid", "gps-source", "intcmp", "int_cmp",
        // Mail.
        "mc_cid", "mc_eid", "mc_tc", "mkt_tok", "_hsenc", "_hsmi", "__hstc", "__hssc", "__hsfp",
        "hsctatracking", "vero_id", "vero_conv", "oly_anon_id", "oly_enc_id", "_ke", "_kx", "__s",
        "dm_i", "dm_t", "ml_subscriber", "ml_subscriber_hash", "sc_src", "sc_lid", "sc_uid", "sc_llid",
        "sc_customer", "sc_eh", "_bta_tid", "_bta_c", "mi_u", "et_rid", "et_cid", "sfmc_id", "sfmc_activityid",
        "bxid", "cndid", "nr_email_referer", "vgo_ee", "ck_subscriber_id", "inf_contact_key", "_cio_id",
        "lctg", "elqtrackid", "elqtrack", "elqaid", "elqat",
        "elqcampaignid", "elqcst", "elq",
        // Pages in Google's accelerated format.
        "usqp", "amp_js_v", "amp_gsa", "__amp_source_origin",
        // Servers' own sessions.
        "phpsessid", "jsessionid", "oscsid", "zenid", "cfid", "cftoken",
    ]

    /// Up to and with the first `_` (the second, where a name starts with two), lower case.
    static let prefixes: Set<String> = [
        "utm_", "mtm_", "pk_", "piwik_", "matomo_", "stm_", "hsa_", "hmb_", "at_", "itm_", "bsft_", "ga_",
        "oly_", "vero_", "trk_", "_branch_", "__cft_", "__xts_", "wt_",
        "asc_",
    ]

    /// Any ending, lower case.
    private static let beginnings = ["aspsessionid", "__cft__", "__xts__", "cm_mmc", "%5butm_"]

    /// Whether nothing about the page depends on this parameter.
    static func contains(_ item: AddressParts.QueryItem) -> Bool {
        let hasCapitals = item.name.utf8.contains { $0 &- 0x41 < 26 }
        let name = hasCapitals ? item.name.lowercased() : item.name
        if names.contains(name) { return true }
        if let prefix = prefix(of: name), prefixes.contains(prefix) { return true }
        if name.utf8.count > 5, beginnings.contains(where: { name.utf8.starts(with: $0.utf8) }) { return true }
        return isSession(name, item.value ?? "") || isAcceleratedFormat(name, item.value)
            || isReferringSite(name, item.value ?? "")
    }

    private static func prefix(of name: String) -> String? {
        var start = name.startIndex
        if name.utf8.first == UInt8(ascii: "_") { start = name.index(after: start) }
        guard let underscore = name[start...].utf8.firstIndex(of: UInt8(ascii: "_")) else { return nil }
        return String(name[...underscore])
    }

    private static let sessionNames: Set<String> = [
        "sid", "s", "session", "sessionid", "session_id", "sessid", "sess_id", "phpsid", "session-id", "sesskey",
    ]

    /// These names also number conference sessions and the like, so the value decides: long, and
    /// letters and digits in no order.
    private static func isSession(_ name: String, _ value: String) -> Bool {
        guard sessionNames.contains(name) else { return false }
        let digits = value.utf8.filter { $0 != .hyphen }
        guard digits.count >= (name == "s" ? 32 : 20), digits.contains(where: \.isASCIIDigit),
            digits.contains(where: \.isASCIILetter)
        else { return false }
        let isIdentifier = digits.count == value.utf8.count && digits.allSatisfy { $0.isASCIIDigit || $0.isASCIILetter }
        return isIdentifier || digits.allSatisfy { $0.hexValue != nil }
    }

    private static func isAcceleratedFormat(_ name: String, _ value: String?) -> Bool {
        switch name {
        case "amp": return value == nil || value == "1" || value == "true"
        case "outputtype": return value == "amp"
        default: return false
        }
    }

    private static let siteEndings = [".com", ".org", ".net", ".io", ".dev", ".co"]

    /// Publishing systems add the name of the site a reader comes from; as a branch or a category
    /// `ref` never looks like a domain.
    private static func isReferringSite(_ name: String, _ value: String) -> Bool {
        name == "ref" && siteEndings.contains { value.hasSuffix($0) }
    }
}
