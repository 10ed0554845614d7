//===----------------------------------------------------------------------===//
//
// Part of the GSC project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The answers of gsc whatif as one self-contained page.
//
//===----------------------------------------------------------------------===//
#include "ReportInternal.h"
#include "gs/Compiler/WhatIf.h"

using namespace mlir;
using namespace mlir::gs;

static const char kHead[] = R"html(<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>gsc whatif</title>
<style>
)html";

static const char kBody[] =
    R"html(.panel{background:var(--card);border:1px solid var(--line);border-radius:10px;padding:14px 16px}
.two{display:grid;grid-template-columns:minmax(0,3fr) minmax(0,2fr);gap:16px}@media(max-width:900px){.two{grid-template-columns:1fr}}
svg{display:block;width:100%;height:auto;overflow:visible}svg text{fill:var(--soft);font-size:12px}svg .grid{stroke:var(--line)}
svg .front{fill:none;stroke:var(--ink);stroke-width:2.5}svg .line{fill:none;stroke-width:1.6}svg .dot{cursor:pointer;stroke:var(--card);stroke-width:1.5}
svg .pick{fill:var(--card);stroke:var(--ink);stroke-width:3}svg g.dim{opacity:.12}
.keys{display:flex;flex-wrap:wrap;gap:4px 14px;margin-top:10px}.keys span{display:inline-flex;gap:6px;align-items:center;cursor:default;
font-size:12px;color:var(--soft)}.keys i{width:12px;height:12px;border-radius:50%}.keys i.bar{width:16px;height:3px;border-radius:2px;background:var(--ink)}
input[type=range]{width:100%;accent-color:var(--meas)}.num{text-align:right;font-variant-numeric:tabular-nums}
.tools{display:flex;gap:10px;align-items:center;flex-wrap:wrap;margin:0 0 10px}.tools select{font:inherit;color:inherit;background:var(--card);
border:1px solid var(--line);border-radius:6px;padding:3px 8px}
.heat td{padding:0;border:0;border-right:1px solid var(--card);border-bottom:1px solid var(--card)}.heat td b{display:block;padding:4px 8px;
font-weight:500;text-align:center;font-variant-numeric:tabular-nums;font-size:12px}.heat th{cursor:default;white-space:nowrap}
.heat th.row{text-align:left;font-weight:500;color:var(--ink);position:sticky;left:0;max-width:240px;overflow:hidden;text-overflow:ellipsis}
.heat tr{cursor:pointer}.heat tr.on th.row{color:var(--meas)}.scroll{max-height:560px;overflow:auto}
pre{background:var(--bg);border:1px solid var(--line);border-radius:8px;padding:10px;max-height:340px;overflow:auto;font-size:12px;margin:10px 0 0}
#tip{position:fixed;pointer-events:none;background:var(--ink);color:var(--bg);border-radius:6px;padding:6px 9px;font-size:12px;white-space:pre;
opacity:0;transition:opacity .1s;z-index:9}
</style></head><body><main>
<h1 id="title"></h1><div class="soft" id="reading"></div><div class="cards" id="cards"></div>
<h2>Speed against what is kept</h2>
<p class="soft">Each line is one pattern at all sparsities, the same everywhere. The thick line is the best choice per layer: pick a point on it.
Energy is the sum of squares of the weights; its share is a proxy of accuracy before training, not accuracy.</p>
<div class="two"><div class="panel"><svg id="plot" viewBox="0 0 640 420"></svg><div class="keys" id="keys"></div></div>
<div class="panel"><div class="tools"><b id="picked"></b></div><input id="slide" type="range" min="0" value="0" aria-label="point of the front">
<div class="tools" style="margin-top:8px"><button id="copy">copy the recipe</button><span class="soft" id="mix"></span></div><pre id="recipe"></pre></div></div>
<h2>Layer by layer</h2>
<div class="tools"><label>sparsity <select id="sparsity"></select></label><label>show <select id="what"><option value="speed">speed-up</option>
<option value="energy">kept energy</option><option value="bytes">bytes, of dense</option></select></label>
<label>order <select id="order"><option value="file">of the file</option><option value="time">longest first</option></select></label></div>
<div class="two"><div class="table scroll"><table class="heat"><thead><tr id="heads"></tr></thead><tbody id="heat"></tbody></table></div>
<div class="panel"><b id="layer"></b><div class="soft" id="layerInfo"></div><svg id="detail" viewBox="0 0 420 320"></svg><div id="refused"></div></div></div>
<footer id="foot"></footer></main><div id="tip"></div>
<script id="data" type="application/json">)html";

static const char kTail[] = R"html(</script><script>
"use strict";
const R=JSON.parse(document.getElementById("data").textContent),L=R.layers,P=R.patterns,$=id=>document.getElementById(id);
const el=(tag,text,cls)=>{const e=document.createElement(tag);if(text!==undefined)e.textContent=text;if(cls)e.className=cls;return e};
const sv=(tag,at,parent)=>{const e=document.createElementNS("http://www.w3.org/2000/svg",tag);for(const k in at)e.setAttribute(k,at[k]);
 if(parent)parent.append(e);return e};
const us=v=>v>=1000?(v/1000).toPrecision(3)+" ms":v>=100?v.toFixed(0)+" µs":v.toPrecision(3)+" µs";
const pc=v=>(100*v).toFixed(v>.995||v<.1?1:0)+" %",mb=v=>v>=1e6?(v/1e6).toFixed(1)+" MB":(v/1e3).toFixed(1)+" KB";
const short=p=>p.replace("#gs.","").replace("gather_scatter","GS").replace("banks = ","").replace(" width = ","");
const color=i=>`hsl(${Math.round(i*360/P.length+212)%360} 68% 52%)`;
const time=x=>x.measured_us!==null?x.measured_us:x.predicted_us;
const denseTime=l=>l.dense_measured_us!==null?l.dense_measured_us:l.dense_predicted_us;
const dense=R.dense,front=R.front,tip=$("tip");
const hint=(e,text)=>{e.onmousemove=m=>{tip.textContent=text();tip.style.opacity=1;
 tip.style.left=Math.min(m.clientX+14,innerWidth-tip.offsetWidth-8)+"px";tip.style.top=m.clientY+14+"px"};e.onmouseleave=()=>tip.style.opacity=0};
document.title=R.model+" – gsc whatif";$("title").textContent="What if "+R.model+" were pruned?";
const last=front[front.length-1],at=e=>front.filter(f=>f.energy>=e).pop();
$("reading").textContent=R.target+", one core, "+(R.measured?"best choices measured, the rest predicted":"predicted")+"; "+
 L.filter(l=>l.points.length).length+" of "+L.length+" layers can be pruned.";
const card=(v,w)=>{const c=el("div",undefined,"card");c.append(el("b",v),el("span",w));$("cards").append(c)};
card(us(dense.us),"dense");for(const e of [.95,.9,.8])card((dense.us/at(e).us).toFixed(2)+"×","keeping "+pc(e)+" of the energy, best per layer");
card((dense.us/last.us).toFixed(2)+"×","fastest: keeps "+pc(last.energy));card(mb(dense.bytes)+" → "+mb(last.bytes),"weights");

// A plot of (energy, factor) with logarithmic factors.
function axes(svg,w,h,xs,ys,ylabel){const m={l:46,r:12,t:10,b:36},x0=Math.min(...xs),x1=Math.max(...xs),y1=Math.log(Math.max(...ys)*1.08),y0=Math.log(Math.min(1,...ys));
 const X=v=>m.l+(w-m.l-m.r)*(v-x0)/(x1-x0||1),Y=v=>h-m.b-(h-m.t-m.b)*(Math.log(v)-y0)/(y1-y0||1);svg.textContent="";
 for(let k=0;k<=5;k++){const v=x0+(x1-x0)*k/5,x=X(v);sv("line",{x1:x,x2:x,y1:m.t,y2:h-m.b,class:"grid"},svg);
  sv("text",{x,y:h-m.b+16,"text-anchor":"middle"},svg).textContent=pc(v)}
 for(const v of [.25,.5,1,1.5,2,3,4,5,6,8,10,12,16,20,30,50])if(Math.log(v)>=y0-1e-9&&Math.log(v)<=y1){const y=Y(v);
  sv("line",{x1:m.l,x2:w-m.r,y1:y,y2:y,class:"grid"},svg);sv("text",{x:m.l-6,y:y+4,"text-anchor":"end"},svg).textContent=v+"×"}
 sv("text",{x:(m.l+w-m.r)/2,y:h-2,"text-anchor":"middle"},svg).textContent="energy kept";
 sv("text",{x:m.l+4,y:m.t+10},svg).textContent=ylabel;return{X,Y}}
const path=(points,X,Y)=>"M"+points.map(p=>X(p[0]).toFixed(1)+" "+Y(p[1]).toFixed(1)).join("L");

let picked=front.indexOf(at(.9)),selected=L.findIndex(l=>l.points.length);
const groups=[];
function plot(){const svg=$("plot"),used=R.uniform.filter(u=>u.us!==dense.us||u.energy!==1);
 const {X,Y}=axes(svg,640,420,[1,...used.map(u=>u.energy),...front.map(f=>f.energy)],[1,...used.map(u=>dense.us/u.us),dense.us/last.us],"speed-up over dense");
 P.forEach((p,i)=>{const g=sv("g",{},svg),line=used.filter(u=>u.pattern===i).map(u=>[u.energy,dense.us/u.us,u]);groups[i]=g;if(!line.length)return;
  sv("path",{d:path(line,X,Y),class:"line",stroke:color(i)},g);
  for(const [x,y,u] of line){const c=sv("circle",{cx:X(x),cy:Y(y),r:4,fill:color(i),class:"dot"},g);
   hint(c,()=>short(p)+(u.sparsity===null?"":" at "+pc(u.sparsity))+"\n"+y.toFixed(2)+"× ("+us(u.us)+"), keeps "+pc(x)+"\nweights "+mb(u.bytes));
   c.onclick=()=>{if(u.sparsity!==null){$("sparsity").value=u.sparsity;heat()}}}});
 sv("path",{d:path(front.map(f=>[f.energy,dense.us/f.us]),X,Y),class:"front"},svg);
 front.forEach((f,i)=>{const c=sv("circle",{cx:X(f.energy),cy:Y(dense.us/f.us),r:5,fill:"transparent",style:"cursor:pointer"},svg);
  hint(c,()=>"best per layer\n"+(dense.us/f.us).toFixed(2)+"× ("+us(f.us)+"), keeps "+pc(f.energy));c.onclick=()=>pick(i)});
 const f=front[picked];sv("circle",{cx:X(f.energy),cy:Y(dense.us/f.us),r:6,class:"pick"},svg)}
P.forEach((p,i)=>{const s=el("span"),d=el("i");d.style.background=color(i);s.append(d,short(p));
 s.onmouseenter=()=>groups.forEach((g,j)=>g.classList.toggle("dim",i!==j));s.onmouseleave=()=>groups.forEach(g=>g.classList.remove("dim"));$("keys").append(s)});
{const s=el("span");s.append(el("i",undefined,"bar"),"best per layer");$("keys").append(s)}

// JSON strings are YAML strings.
function recipe(f){let text="# "+R.model+" for "+R.target+": "+(R.measured?"measured or ":"")+"predicted "+(dense.us/f.us).toFixed(2)+" times as fast as dense, "+
 (100*f.energy).toFixed(1)+" % of the energy kept\nversion: 1\nlayers:\n";let any=false;
 f.points.forEach((p,i)=>{if(p<0)return;const q=L[i].points[p];any=true;
  text+="  - node: "+JSON.stringify(L[i].node)+"\n    pattern: "+JSON.stringify(P[q.pattern])+"\n    sparsity: "+q.sparsity+"\n"});
 return any?text:text+"  []\n"}
function pick(i){picked=i;$("slide").value=i;const f=front[i],count={};
 f.points.forEach((p,l)=>{const k=p<0?"dense":short(P[L[l].points[p].pattern]);count[k]=(count[k]||0)+1});
 $("picked").textContent=(dense.us/f.us).toFixed(2)+"× faster, "+pc(f.energy)+" kept, "+us(f.us)+", "+mb(f.bytes);
 $("mix").textContent=Object.entries(count).sort((a,b)=>b[1]-a[1]).map(([k,n])=>n+" "+k).join(", ");$("recipe").textContent=recipe(f);plot();heat()}
$("slide").max=front.length-1;$("slide").oninput=()=>pick(+$("slide").value);
$("copy").onclick=()=>{navigator.clipboard.writeText($("recipe").textContent);$("copy").textContent="copied";setTimeout(()=>$("copy").textContent="copy the recipe",1200)};

for(const s of R.sparsities){const o=el("option",pc(s));o.value=s;$("sparsity").append(o)}
$("sparsity").value=R.sparsities.reduce((a,b)=>Math.abs(b-.9)<Math.abs(a-.9)?b:a);
$("heads").append(el("th","layer"),el("th","dense"),...P.map(p=>el("th",short(p))),el("th","picked"));
for(const id of ["sparsity","what","order"])$(id).onchange=heat;
function heat(){const s=+$("sparsity").value,what=$("what").value,body=$("heat");body.textContent="";
 let list=L.map((l,i)=>[l,i]);if($("order").value==="time")list.sort((a,b)=>denseTime(b[0])-denseTime(a[0]));
 const value=(l,q)=>what==="speed"?denseTime(l)/time(q):what==="energy"?q.energy:q.bytes/l.dense_bytes;
 const best=Math.max(1.01,...L.flatMap(l=>l.points.filter(q=>q.sparsity===s||R.own_density[q.pattern]).map(q=>value(l,q))));
 for(const [l,i] of list){const tr=el("tr",undefined,i===selected?"on":""),name=el("th",l.node,"row");name.title=l.node+"  "+l.shape;tr.append(name);
  const d=el("td");d.append(el("b",us(denseTime(l))));tr.append(d);
  P.forEach((p,k)=>{const td=el("td"),q=l.points.find(q=>q.pattern===k&&(q.sparsity===s||R.own_density[k]));
   if(!q){td.append(el("b","–"));const r=l.refused.find(r=>r.pattern===k);hint(td,()=>r?r.reason:l.stays_dense||"not evaluated")}
   else{const v=value(l,q),b=el("b",what==="speed"?v.toFixed(1)+"×":pc(v));
    const t=what==="speed"?Math.log(Math.max(v,1))/Math.log(best):what==="energy"?v:1-v;
    td.style.background=v<1&&what==="speed"?"color-mix(in srgb,var(--bad) 35%,var(--card))":`color-mix(in srgb,var(--good) ${Math.round(75*Math.max(0,Math.min(1,t)))}%,var(--card))`;
    td.append(b);hint(td,()=>short(p)+" at "+pc(q.sparsity)+" (density "+pc(q.density)+")\n"+us(time(q))+(q.measured_us!==null?" measured":" predicted")+
     ", keeps "+pc(q.energy)+", "+mb(q.bytes)+"\n"+q.strategy)}
   tr.append(td)});
  const f=front[picked].points[i],td=el("td"),b=el("b",f<0?"dense":short(P[l.points[f].pattern])+" "+pc(l.points[f].sparsity));
  td.append(b);tr.append(td);tr.onclick=()=>{selected=i;heat();detail()};body.append(tr)}}
function detail(){const l=L[selected];if(!l)return;$("layer").textContent=l.node;
 $("layerInfo").textContent=l.op+" "+l.shape+", dense "+us(denseTime(l))+" by "+l.dense_strategy;$("refused").textContent="";
 if(l.points.length){const {X,Y}=axes($("detail"),420,320,[1,...l.points.map(q=>q.energy)],[1,...l.points.map(q=>denseTime(l)/time(q))],"speed-up of the layer");
  P.forEach((p,i)=>{const line=l.points.filter(q=>q.pattern===i).map(q=>[q.energy,denseTime(l)/time(q),q]);if(!line.length)return;
   sv("path",{d:path(line,X,Y),class:"line",stroke:color(i)},$("detail"));
   for(const [x,y,q] of line){const c=sv("circle",{cx:X(x),cy:Y(y),r:q.measured_us!==null?5.5:3.5,fill:color(i),class:"dot"},$("detail"));
    hint(c,()=>short(p)+" at "+pc(q.sparsity)+"\n"+y.toFixed(2)+"×"+(q.measured_us!==null?" measured":"")+", keeps "+pc(x)+"\n"+q.strategy)}})}
 else $("detail").textContent="";
 const notes=[...(l.stays_dense?["stays dense: "+l.stays_dense]:[]),...l.refused.map(r=>short(P[r.pattern])+": "+r.reason)];
 if(notes.length){const ul=el("ul",undefined,"soft");for(const n of notes)ul.append(el("li",n));$("refused").append(ul)}}
$("foot").textContent="Made by gsc whatif"+(R.measured?"":"; --measure times the best choices on this machine")+".";
pick(picked);detail();
</script></body></html>
)html";

void mlir::gs::printWhatIfHTML(const WhatIfReport &report, llvm::raw_ostream &os) {
  os << kHead << kPageStyle << kBody;
  embedJSON(toJSON(report), os);
  os << kTail;
}
