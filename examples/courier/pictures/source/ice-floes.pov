// Ice in the Merrow Sound, seen from straight above, with one red boat.
#include "common.inc"
#include "functions.inc"
camera { location <0, 260, 0> look_at <0, 0, 0.01> right x * 1.5 up y sky z angle 40 }
light_source { <-900, 420, 500> color rgb <1.35, 1.22, 1.05> parallel point_at 0 }
light_source { <300, 900, -300> color rgb <0.3, 0.38, 0.5> shadowless }
Sky(<0.3, 0.45, 0.55>, <0.2, 0.36, 0.5>, <0.1, 0.25, 0.4>)
plane { y, 0 texture { pigment { wrinkles color_map { [0 rgb <0.006, 0.035, 0.055>] [1 rgb <0.015, 0.075, 0.1>] } scale 60 }
	finish { diffuse 0.8 specular 0.3 roughness 0.02 } normal { bumps 0.2 scale <5, 1, 2> } } }
#declare R = seed(58);
// A floe: a polygon of uneven corners, thin, its edge worn and blue under the snow.
#macro Floe(X, Z, Size)
	#local Corners = 8 + int(rand(R) * 5) + int(Size / 5);
	#local Start = rand(R) * 360;
	#local Points = array[Corners];
	#for (I, 0, Corners - 1)
		#local Angle = radians(Start + (I + 0.55 * (rand(R) - 0.5)) * 360 / Corners);
		#local Far = Size * (0.72 + 0.36 * rand(R));
		#local Points[I] = <cos(Angle) * Far, sin(Angle) * Far>;
	#end
	#local High = 0.5 + rand(R) * 1.1;
	#macro Shape(Low, Top, By)
		prism { linear_sweep linear_spline Low, Top, Corners + 1
			#for (I, 0, Corners) #local P = Points[mod(I, Corners)] * By; <P.u, P.v> #end
			scale 1 }
	#end
	union {
		object { Shape(-0.3, 0.12, 1.035) texture { pigment { rgb <0.12, 0.42, 0.48> } finish { diffuse 0.9 } } }
		object { Shape(0, High, 1)
			texture {
				pigment { granite color_map { [0 rgb <0.78, 0.83, 0.87>] [0.4 rgb <0.88, 0.91, 0.93>] [1 rgb <0.97, 0.97, 0.96>] } scale 14 translate rand(R) * 100 }
				normal { average normal_map { [1 granite 0.5 scale 9] [1 bumps 0.5 scale <2.4, 1, 6>] } translate rand(R) * 100 } } }
		// Pressure ridges, here and there.
		#if (Size > 15)
			#local Way = rand(R) * 360;
			#for (I, 0, 26) box { -0.5, 0.5 scale <1.2 + rand(R) * 2, 0.8 + rand(R), 0.8 + rand(R)> rotate <rand(R) * 40, rand(R) * 360, 0>
				translate <(I / 26 - 0.5) * Size * 0.9, High, sin(I * 0.5) * Size * 0.07> rotate y * Way Paint(<0.86, 0.9, 0.93>) } #end
		#end
		translate <X, 0, Z>
	}
#end
// Thrown at random, large first; a floe stays where it touches no other and leaves a lead open for the boat.
#declare Max = 1500;
#declare Xs = array[Max]; #declare Zs = array[Max]; #declare Ss = array[Max];
#declare Count = 0;
#macro Try(Size)
	#local X = (rand(R) - 0.5) * 250;
	#local Z = (rand(R) - 0.5) * 175;
	#local Lead = abs(Z - (X * 0.42 + 14 * sin(X / 34)) + 6);
	#local Free = (Lead > Size * 0.97 + 4);
	#local I = 0;
	#while (Free & I < Count)
		#if (vlength(<X - Xs[I], 0, Z - Zs[I]>) < (Size + Ss[I]) * 0.97 + 0.4) #local Free = false; #end
		#local I = I + 1;
	#end
	#if (Free & Count < Max)
		Floe(X, Z, Size)
		#declare Xs[Count] = X; #declare Zs[Count] = Z; #declare Ss[Count] = Size; #declare Count = Count + 1;
	#end
#end
#for (N, 0, 90) Try(19 + rand(R) * 9) #end
#for (N, 0, 260) Try(10 + rand(R) * 6) #end
#for (N, 0, 900) Try(4 + rand(R) * 4) #end
#for (N, 0, 2600) Try(1.4 + rand(R) * 1.8) #end
#for (N, 0, 2500) Try(0.5 + rand(R) * 0.6) #end
// The boat, and the water it has stirred.
union {
	object { Smooth(0, 2.4, array[8] { <-7, 0>, <-6.6, -2.2>, <-1, -2.6>, <4, -2>, <8, 0>, <4, 2>, <-1, 2.6>, <-6.6, 2.2> })  Paint(<0.72, 0.08, 0.04>) }
	object { Smooth(2.4, 2.45, array[8] { <-6.2, 0>, <-5.9, -1.7>, <-1, -2.1>, <3.6, -1.5>, <6.6, 0>, <3.6, 1.5>, <-1, 2.1>, <-5.9, 1.7> })  Paint(<0.62, 0.5, 0.36>) }
	box { <-4, 2, -1.5>, <0.6, 5.2, 1.5> Paint(0.9) }
	box { <-3.4, 5.2, -1.1>, <-0.4, 5.3, 1.1> Paint(<0.2, 0.24, 0.28>) }
	rotate y * -20 translate <34, 0, 21>
}
#for (I, 0, 160) #local T = rand(R) * 34; sphere { 0, 0.16 + rand(R) * 0.3 scale <1.4, 0.2, 1> translate <-7 - T, 0.05, (rand(R) - 0.5) * (1.5 + T * 0.14)> rotate y * -20 translate <34, 0, 21> Paint(<0.8, 0.88, 0.9>) } #end
