//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Statistics as one self-contained page.
//
//===----------------------------------------------------------------------===//
#include "gs/Target/GSE/Statistics.h"
#include "llvm/Support/JSON.h"

using namespace mlir::gse;

static const char kHead[] = R"html(<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>Simulated engine</title><style>
:root{--bg:#f6f7f9;--card:#fff;--ink:#1b2430;--soft:#66717f;--line:#e1e5ea}
@media(prefers-color-scheme:dark){:root{--bg:#12161c;--card:#1a2029;--ink:#e6ebf1;--soft:#93a0af;--line:#2b3440}}
*{box-sizing:border-box}body{margin:0;background:var(--bg);color:var(--ink);font:14px/1.45 system-ui,sans-serif}
main{max-width:1180px;margin:0 auto;padding:28px 20px 60px}h1{font-size:22px;margin:0 0 4px}
h2{font-size:16px;margin:30px 0 8px}.soft{color:var(--soft)}
.cards{display:grid;grid-template-columns:repeat(auto-fit,minmax(150px,1fr));gap:12px;margin:18px 0}
.card,.box{background:var(--card);border:1px solid var(--line);border-radius:10px;padding:12px 14px}
.card b{display:block;font-size:22px;font-variant-numeric:tabular-nums}.card span{color:var(--soft);font-size:12px}
canvas{width:100%;display:block}.bar{display:flex;height:26px;border-radius:6px;overflow:hidden}.bar i{display:block}
.legend{display:flex;flex-wrap:wrap;gap:4px 16px;margin-top:10px;font-size:12px;color:var(--soft)}
.legend i{width:12px;height:12px;border-radius:3px;display:inline-block;margin-right:6px;vertical-align:-1px}
.row{display:grid;grid-template-columns:150px 1fr 110px;gap:10px;align-items:center;padding:2px 0}
.row i{display:block;height:12px;border-radius:4px;background:#3f7bd8;min-width:2px}
.num{text-align:right;font-variant-numeric:tabular-nums}select{font:inherit;color:inherit;background:var(--card);
border:1px solid var(--line);border-radius:6px;padding:3px 8px}footer{margin-top:30px;color:var(--soft);font-size:12px}
</style></head><body><main><h1 id="title"></h1><div class="soft" id="sub"></div>
<p><select id="pick" aria-label="kernel"></select></p><div class="cards" id="cards"></div>
<h2>Where the cycles go</h2><div class="box"><div class="bar" id="bar"></div><div class="legend" id="legend"></div></div>
<h2>Timeline</h2><div class="box"><canvas id="time"></canvas><div class="soft" id="timenote"></div></div>
<h2>Accesses per sub-bank and time</h2><div class="box"><canvas id="heat"></canvas><div class="soft" id="heatnote"></div></div>
<h2>Cycles that one gather or scatter occupies the memory</h2><div class="box" id="occ"></div>
<footer>Made by gs-translate --simulate-html. The machine is a model by design, not calibrated on hardware.</footer></main>
<script id="data" type="application/json">)html";

static const char kTail[] = R"html(</script><script>
"use strict";
const D=JSON.parse(document.getElementById("data").textContent),$=id=>document.getElementById(id);
const colors=["#3f7bd8","#e0a957","#8f6bd6","#d8616f","#4fb3bf","#9aa5b1","#6fae5c","#c9b458","#e07b39","#b05fa3","#5c6f82"];
const n=v=>Math.round(v).toLocaleString("en"),el=(t,x,c)=>{const e=document.createElement(t);if(x!==undefined)e.textContent=x;
if(c)e.className=c;return e};
const ink=()=>getComputedStyle(document.documentElement).getPropertyValue("--ink"),
soft=()=>getComputedStyle(document.documentElement).getPropertyValue("--soft");
function canvas(id,h){const c=$(id),w=c.clientWidth,r=devicePixelRatio||1;c.width=w*r;c.height=h*r;c.style.height=h+"px";
const g=c.getContext("2d");g.scale(r,r);g.clearRect(0,0,w,h);g.font="12px system-ui";return[g,w]}
const heatColor=v=>{const t=Math.pow(v,.8);return `hsl(${215-175*t} ${55+30*t}% ${92-48*t}%)`};
D.kernels.forEach((k,i)=>{const o=el("option",(i+1)+". "+k.kernel+" – "+n(k.cycles)+" cycles");o.value=i;$("pick").append(o)});
function show(){const k=D.kernels[+$("pick").value];if(!k){$("title").textContent="No kernel ran";return}
$("title").textContent=k.kernel+" on "+k.machine;$("sub").textContent="timing: "+D.timing+" · "+k.basis;
$("cards").textContent="";const card=(v,t)=>{const c=el("div",undefined,"card");c.append(el("b",v),el("span",t));$("cards").append(c)};
card(n(k.cycles),"cycles");card(n(k.groups),"groups");card(n(k.bundles),"bundles");
card((k.groups?k.cycles/k.groups:0).toFixed(2),"cycles per group");card(n(k.conflict),"cycles of bank conflicts");
$("bar").textContent="";$("legend").textContent="";
k.breakdown.forEach(([name,v],i)=>{if(v<=0)return;const b=el("i");b.style.width=100*v/k.cycles+"%";b.style.background=colors[i];
b.title=name+": "+n(v);$("bar").append(b);const s=el("span"),c=el("i");c.style.background=colors[i];
s.append(c,name.replace("_"," ")+" "+(100*v/k.cycles).toFixed(1)+" % ("+n(v)+")");$("legend").append(s)});
const tracks=["core","LSU","engine","FP","prefetcher","DMA"],end=Math.max(1,k.cycles,...k.copies.map(c=>c[1]));
let [g,w]=canvas("time",tracks.length*28+24);const left=80,x=t=>left+(w-left-6)*t/end;
tracks.forEach((t,i)=>{g.fillStyle=soft();g.fillText(t,4,i*28+18);g.fillStyle="rgba(128,128,128,.1)";g.fillRect(left,i*28+4,w-left-6,20)});
for(const s of k.spans){const a=x(s[0]),b=Math.max(.6,x(s[1])-a);s.slice(3,8).forEach((v,i)=>{const share=Math.min(1,v/Math.max(1e-9,s[1]-s[0]));
g.globalAlpha=i?.25+.75*share:1;g.fillStyle=colors[(i?i:s[2]%3)];if(share>0)g.fillRect(a,i*28+4+20*(1-share),b,20*share)})}
g.globalAlpha=1;g.fillStyle=colors[9];for(const c of k.copies)g.fillRect(x(c[0]),5*28+4,Math.max(.8,x(c[1])-x(c[0])),20);
g.fillStyle=soft();for(let i=0;i<=4;i++){const t=end*i/4;g.textAlign=i===4?"right":i?"center":"left";g.fillText(n(t),x(t),tracks.length*28+18)}
$("timenote").textContent="Height of a bar: share of the cycles in which the unit is busy."+(k.merged>1?" Up to "+k.merged+" bundles are drawn as one.":"");
const rows=k.heat,banks=k.banks.length,bh=Math.max(10,Math.min(26,260/Math.max(1,banks)));[g,w]=canvas("heat",banks*bh+24);
const top_=Math.max(1e-9,...rows.map(r=>Math.max(...r))),cell=(w-left-6)/Math.max(1,rows.length);
rows.forEach((r,i)=>r.forEach((v,b)=>{g.fillStyle=v?heatColor(v/top_):"rgba(128,128,128,.08)";g.fillRect(left+i*cell,b*bh,cell+.6,bh-1)}));
g.fillStyle=soft();g.textAlign="left";for(let b=0;b<banks;b++)g.fillText("bank "+b,4,b*bh+bh/2+4);
g.textAlign="right";g.fillText(n(rows.length*k.window)+" cycles",w-6,banks*bh+18);
const most=Math.max(...k.banks),least=Math.min(...k.banks);
$("heatnote").textContent=n(k.window)+" cycles per window, up to "+top_.toFixed(0)+" accesses; whole run per bank "+n(least)+" to "+n(most)+".";
$("occ").textContent="";const all=k.occ.reduce((s,o)=>Math.max(s,o[2]),1);
for(const [op,occ,count] of k.occ){const r=el("div",undefined,"row"),b=el("div"),i=el("i");i.style.width=100*count/all+"%";b.append(i);
r.append(el("span",op+", "+occ+(occ===1?" cycle":" cycles")),b,el("span",n(count),"num"));$("occ").append(r)}
if(!k.occ.length)$("occ").append(el("span","No gather or scatter went to the banked memory.","soft"))}
$("pick").onchange=show;addEventListener("resize",show);show();
</script></body></html>
)html";

static void printKernel(const KernelStatistics &kernel, llvm::json::OStream &json) {
  json.attribute("kernel", kernel.total.name);
  json.attribute("machine", kernel.engine.name);
  json.attribute("basis", kernel.engine.basis);
  json.attribute("cycles", kernel.total.cycles);
  json.attribute("groups", kernel.total.groups);
  json.attribute("bundles", kernel.total.bundles);
  json.attribute("conflict", kernel.total.conflictCycles);
  json.attribute("merged", kernel.timeline.merged);
  json.attribute("window", kernel.heat.windowCycles());
  json.attributeArray("breakdown", [&] {
    for (auto [name, part] : llvm::zip(Breakdown::names, kernel.total.breakdown.parts()))
      json.array([&] {
        json.value(name);
        json.value(part);
      });
  });
  auto numbers = [&](llvm::ArrayRef<double> values) {
    json.array([&] {
      for (double value : values)
        json.value(value);
    });
  };
  json.attributeArray("spans", [&] {
    for (const BundleSpan &s : kernel.timeline.bundles)
      numbers({s.begin, s.end, static_cast<double>(s.name), s.end - s.begin, s.port, s.engine, s.arithmetic, s.stream});
  });
  json.attributeArray("copies", [&] {
    for (const Timeline::Copy &copy : kernel.timeline.copies)
      numbers({copy.begin, copy.end});
  });
  json.attributeArray("heat", [&] {
    for (const std::vector<double> &row : kernel.heat.windows())
      numbers(row);
  });
  json.attributeArray("banks", [&] {
    for (int64_t count : kernel.total.banks)
      json.value(count);
  });
  json.attributeArray("occ", [&] {
    for (auto &[op, counts] : kernel.total.occupancies)
      for (auto [occupancy, count] : counts)
        json.array([&] {
          json.value(op);
          json.value(occupancy);
          json.value(count);
        });
  });
}

void mlir::gse::printPage(llvm::ArrayRef<KernelStatistics> kernels, TimingLevel level, llvm::raw_ostream &os) {
  std::string data;
  llvm::raw_string_ostream stream(data);
  llvm::json::OStream json(stream);
  json.object([&] {
    json.attribute("timing", nameOf(level));
    json.attributeArray("kernels", [&] {
      for (const KernelStatistics &kernel : kernels)
        json.object([&] { printKernel(kernel, json); });
    });
  });
  os << kHead;
  // Names are anyone's: none may end the script element, or begin a comment in it.
  for (char c : data)
    c == '<' ? os << "\\u003c" : os << c;
  os << kTail;
}
