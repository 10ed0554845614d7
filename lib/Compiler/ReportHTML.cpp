//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The report of a model as one self-contained page.
//
//===----------------------------------------------------------------------===//
#include "ReportInternal.h"
#include "llvm/Support/FormatVariadic.h"

using namespace mlir;
using namespace mlir::gs;

const char *const mlir::gs::kPageStyle =
    R"css(:root{--bg:#fbfbfd;--card:#fff;--ink:#1c2330;--soft:#667085;--line:#e4e7ec;--pred:#b9c4d8;--meas:#2f6fdf;--dense:#e09f3e;
--good:#2e9e6b;--bad:#d1495b}
@media (prefers-color-scheme:dark){:root{--bg:#12151b;--card:#1a1f28;--ink:#e6e9ef;--soft:#94a0b3;--line:#2b3240;
--pred:#4a566d;--meas:#6aa0ff;--dense:#e0a957;--good:#4cc38a;--bad:#ef6f7f}}
*{box-sizing:border-box}body{margin:0;background:var(--bg);color:var(--ink);font:14px/1.45 system-ui,sans-serif}
main{max-width:1180px;margin:0 auto;padding:28px 20px 60px}h1{font-size:22px;margin:0 0 4px}
h2{font-size:16px;margin:34px 0 10px}.soft{color:var(--soft)}
.cards{display:grid;grid-template-columns:repeat(auto-fit,minmax(150px,1fr));gap:12px;margin:18px 0}
.card{background:var(--card);border:1px solid var(--line);border-radius:10px;padding:12px 14px}
.card b{display:block;font-size:22px;font-variant-numeric:tabular-nums}.card span{color:var(--soft);font-size:12px}
.table{background:var(--card);border:1px solid var(--line);border-radius:10px}
.table{overflow-x:auto}table{border-collapse:collapse;width:100%}th,td{padding:6px 10px;text-align:left;
border-bottom:1px solid var(--line);white-space:nowrap}th{cursor:pointer;color:var(--soft);font-weight:600;font-size:12px;
position:sticky;top:0;background:var(--card)}th[data-dir]:after{content:" \25B2"}th[data-dir="-1"]:after{content:" \25BC"}
button{font:inherit;color:inherit;background:var(--card);border:1px solid var(--line);border-radius:6px;padding:3px 10px;
cursor:pointer}button[aria-pressed=true]{border-color:var(--meas);color:var(--meas)}
footer{margin-top:30px;color:var(--soft);font-size:12px}
)css";

void mlir::gs::embedJSON(llvm::json::Value value, llvm::raw_ostream &os) {
  // Node names are anyone's: none may end the script element, or begin a comment in it.
  for (char c : std::string(llvm::formatv("{0}", value))) {
    if (c == '<')
      os << "\\u003c";
    else
      os << c;
  }
}

static const char kHead[] = R"html(<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>gsc explain</title>
<style>
)html";

static const char kBody[] = R"html(.bars{background:var(--card);border:1px solid var(--line);border-radius:10px}
.bars{padding:8px 14px}.row{display:grid;grid-template-columns:minmax(120px,230px) 1fr 120px;gap:10px;
align-items:center;padding:3px 0;cursor:pointer;border-radius:6px}.row:hover{background:var(--bg)}
.name{overflow:hidden;text-overflow:ellipsis;white-space:nowrap;direction:rtl;text-align:left}
.bar{height:7px;border-radius:4px;margin:2px 0;min-width:1px}.pred{background:var(--pred)}.meas{background:var(--meas)}
.row.dense .meas{background:var(--dense)}.roof{position:relative}.roof i{position:absolute;top:-1px;bottom:-1px;width:2px;
background:var(--good)}.num{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}
.legend span{display:inline-flex;align-items:center;gap:6px;margin-right:16px;color:var(--soft);font-size:12px}
.legend i{width:14px;height:8px;border-radius:4px;display:inline-block}
tbody tr{cursor:pointer}tbody tr:hover td{background:var(--bg)}tr.more td{white-space:normal;cursor:default}
td.num.low{color:var(--bad)}td.num.high{color:var(--good)}.more ul{margin:4px 0 4px 18px;padding:0}
.more code{font-size:12px}.more h4{margin:8px 0 2px;font-size:12px;color:var(--soft)}
</style></head><body><main>
<h1 id="title"></h1><div class="soft" id="reading"></div><div class="cards" id="cards"></div>
<h2>Time per layer</h2>
<p><button id="order" aria-pressed="true">order of the file</button> <button id="time" aria-pressed="false">longest first</button></p>
<div class="legend" id="legend"></div><div class="bars" id="bars"></div>
<h2>Layers</h2><p class="soft">Click a column to sort by it, a row for its pattern, kernel and the reasons of refusals.</p>
<div class="table"><table><thead><tr id="head"></tr></thead><tbody id="body"></tbody></table></div>
<div id="others"></div><footer id="foot"></footer></main>
<script id="data" type="application/json">)html";

static const char kTail[] = R"html(</script><script>
"use strict";
const R=JSON.parse(document.getElementById("data").textContent),L=R.layers,$=id=>document.getElementById(id);
const measured=R.threads!==null;
const el=(tag,text,cls)=>{const e=document.createElement(tag);if(text!==undefined)e.textContent=text;if(cls)e.className=cls;return e};
const us=v=>v===null||v===undefined?"–":v>=1000?(v/1000).toPrecision(3)+" ms":v>=100?v.toFixed(0)+" µs":v.toPrecision(3)+" µs";
const pc=v=>v===null||v===undefined?"–":(100*v).toFixed(v<.1?1:0)+" %";
const sum=(list,key)=>list.reduce((s,x)=>s+(x[key]||0),0);
const sparse=l=>l.pattern!=="dense"&&!l.dense;
L.forEach((l,i)=>{l.i=i;l.time=l.measured_us!==null?l.measured_us:l.predicted_us||0});
document.title=R.model+" – gsc explain";$("title").textContent=R.model+" on "+R.target;$("reading").textContent=R.reading;
const card=(value,what)=>{const c=el("div",undefined,"card");c.append(el("b",value),el("span",what));$("cards").append(c)};
const kept=L.filter(l=>l.kept_gflops!==null),flop=kept.reduce((s,l)=>s+l.kept_gflops*l.time,0);
if(measured)card(us(R.measured_us),"measured, whole model, "+R.threads+(R.threads===1?" thread":" threads"));
card(us(sum(L,"predicted_us")),"predicted for its layers, one core");
card(L.filter(sparse).length+" / "+L.length,"layers that leave zeros out");
if(flop)card((flop/sum(kept,"time")).toFixed(1),"GFLOP/s of kept weights");
const roofed=L.filter(l=>l.roof_us!==null&&l.time>0);
if(roofed.length)card(pc(sum(roofed,"roof_us")/(R.threads||1)/sum(roofed,"time")),"of the roof, all layers");
const legend=(color,text)=>{const s=el("span"),i=el("i");i.style.background="var(--"+color+")";s.append(i,text);$("legend").append(s)};
legend("pred","predicted");if(measured){legend("meas","measured, sparse kernel");legend("dense","measured, dense kernel")}
legend("good","roof: the least time the machine allows");
const top_=Math.max(1e-9,...L.map(l=>Math.max(l.measured_us||0,l.predicted_us||0)));
function bars(list){const box=$("bars");box.textContent="";for(const l of list){
 const row=el("div",undefined,"row"+(sparse(l)?"":" dense")),name=el("div","\u2066"+l.node+"\u2069","name");name.title=l.node;
 const area=el("div",undefined,"roof");
 const bar=(v,c)=>{const b=el("div",undefined,"bar "+c);b.style.width=100*v/top_+"%";area.append(b)};
 if(l.predicted_us!==null)bar(l.predicted_us,"pred");if(l.measured_us!==null)bar(l.measured_us,"meas");
 if(l.roof_us!==null){const i=el("i");i.style.left=Math.min(100,100*l.roof_us/(measured?R.threads:1)/top_)+"%";area.append(i)}
 row.title=l.strategy+(l.reason?"\n"+l.reason:"");
 row.append(name,area,el("div",us(l.time||null),"num"));row.onclick=()=>open_(l.i,true);box.append(row)}}
const press=(on,off)=>{$(on).setAttribute("aria-pressed","true");$(off).setAttribute("aria-pressed","false")};
$("order").onclick=()=>{press("order","time");bars(L)};
$("time").onclick=()=>{press("time","order");bars([...L].sort((a,b)=>b.time-a.time))};bars(L);
const columns=[["#","i",l=>l.i+1,1],["node","node",l=>l.node],["op","op",l=>l.op],["weight","shape",l=>l.shape],
["pattern","pattern",l=>l.pattern.replace("#gs.","")],["kept","density",l=>pc(l.density),1],
["kernel","strategy",l=>l.strategy],["predicted","predicted_us",l=>us(l.predicted_us),1],
...(measured?[["measured","measured_us",l=>us(l.measured_us),1]]:[]),
["GFLOP/s","kept_gflops",l=>l.kept_gflops===null?"–":l.kept_gflops.toFixed(1),1],
["of roof","roof_share",l=>l.roof_share===null?"–":pc(l.roof_share)+" "+l.roof,1]];
let sorted=[...L],shown=new Set();
for(const c of columns){const th=el("th",c[0],c[3]?"num":"");th.onclick=()=>{const dir=th.dataset.dir==="1"?-1:1;
 for(const o of $("head").children)delete o.dataset.dir;th.dataset.dir=dir;
 const key=l=>{const v=l[c[1]];return v===null?-Infinity:v};
 sorted=[...L].sort((a,b)=>{const x=key(a),y=key(b);return (x<y?-1:x>y?1:a.i-b.i)*dir});table()};$("head").append(th)}
function details(l){const td=el("td");td.colSpan=columns.length;const list=(title,items)=>{if(!items.length)return;
 td.append(el("h4",title));const ul=el("ul");for(const i of items)ul.append(el("li",i));td.append(ul)};
 if(l.reason)list(sparse(l)?"Why it is not faster":"Why it is dense",[l.reason]);
 td.append(el("h4","Pattern and kernel"));td.append(el("code",l.pattern+", "+pc(l.density)+" kept → "+l.strategy));
 if(l.roof_us!==null)list("Roof",[us(l.roof_us)+" on one core, set by "+(l.roof==="fma"?"multiply-adds":"memory")]);
 if(l.dense_predicted_us!==null)list("Dense",["predicted "+us(l.dense_predicted_us)]);
 list("Timed by --tune",l.tuned.map(t=>t.strategy+": "+us(t.measured_us)+", predicted "+us(t.predicted_us)));
 list("Refused",l.refused.map(r=>r.candidate+": "+r.reason));const tr=el("tr",undefined,"more");tr.append(td);return tr}
function table(){const body=$("body");body.textContent="";for(const l of sorted){const tr=el("tr");tr.id="layer"+l.i;
 for(const c of columns){const td=el("td",c[2](l),c[3]?"num":"");
  if(c[1]==="roof_share"&&measured&&l.roof_share!==null)td.classList.add(l.roof_share<.7?"low":"high");tr.append(td)}
 tr.onclick=()=>open_(l.i,false);body.append(tr);if(shown.has(l.i))body.append(details(l))}}
function open_(i,jump){if(!jump&&shown.has(i))shown.delete(i);else shown.add(i);table();
 if(jump)$("layer"+i).scrollIntoView({block:"center"})}
table();
if(measured&&R.others.length){$("others").append(el("h2","Other nodes"));const ul=el("ul");
 for(const o of [...R.others].sort((a,b)=>b.measured_us-a.measured_us))ul.append(el("li",o.node+": "+us(o.measured_us)));
 $("others").append(ul)}
$("foot").textContent="Made by gsc explain"+(measured?"":"; add --measure for measured times")+".";
</script></body></html>
)html";

void mlir::gs::printHTML(const ModelReport &report, llvm::raw_ostream &os) {
  llvm::json::Object object = toJSON(report);
  // The page tells sparse from dense kernels, which the strategy's name alone does not.
  for (auto [layer, value] : llvm::zip(report.layers, *object.getArray("layers")))
    (*value.getAsObject())["dense"] = !layer.sparse;
  os << kHead << kPageStyle << kBody;
  embedJSON(std::move(object), os);
  os << kTail;
}
