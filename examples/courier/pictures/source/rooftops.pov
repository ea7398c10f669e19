// Lantern Hill after the first snow, at the hour when the lamps are lit.
#include "common.inc"
camera { location <-6, 25, -74> look_at <2, 24, 20> right x * 1.5 angle 44 }
light_source { <-400, 380, -200> color rgb <0.2, 0.27, 0.44> parallel point_at 0 }
light_source { <300, 500, -500> color rgb <0.09, 0.12, 0.2> shadowless }
Sky(<0.62, 0.42, 0.44>, <0.24, 0.27, 0.45>, <0.05, 0.08, 0.2>)
fog { fog_type 1 distance 420 color rgb <0.22, 0.23, 0.36> }
#declare Snow = texture { pigment { rgb <0.92, 0.94, 0.98> } finish { diffuse 0.95 } normal { granite 0.12 scale 3 } }
plane { y, 0 texture { Snow } }
#declare R = seed(77);
// A house: wide along x, its gables at the ends; snow on the roof, some windows lit.
#macro House(Wide, Deep, High, Wall)
	#local Peak = Wide * 0.72;
	#local Bricks = texture { pigment { brick rgb Wall * 0.7, rgb Wall brick_size <0.9, 0.35, 0.5> mortar 0.05 } finish { diffuse 0.8 } }
	#macro Window(X, Y)
		box { <X - 0.14, Y - 0.14, -0.1>, <X + 1.24, Y + 1.84, 0.1> Paint(0.5) }
		box { <X, Y, -0.16>, <X + 1.1, Y + 1.7, 0.05>
			#if (rand(R) < 0.55) Glow(<2.1, 1.25, 0.45> * (0.35 + rand(R) * 0.75)) #else texture { pigment { rgb <0.03, 0.04, 0.07> } finish { reflection 0.15 } } #end }
		box { <X + 0.5, Y, -0.2>, <X + 0.6, Y + 1.7, 0> Paint(0.35) }
		box { <X, Y + 0.8, -0.2>, <X + 1.1, Y + 0.9, 0> Paint(0.35) }
		box { <X - 0.2, Y - 0.3, -0.4>, <X + 1.3, Y - 0.14, 0> texture { Snow } }
	#end
	union {
		box { <0, -16, 0>, <Wide, High, Deep> texture { Bricks } }
		prism { linear_sweep linear_spline -Deep, 0, 4, <0, 0>, <Wide, 0>, <Wide / 2, Peak>, <0, 0> rotate x * -90 translate y * High texture { Bricks } }
		prism { linear_sweep linear_spline -Deep - 0.4, 0.5, 7, <-0.7, -0.95>, <Wide / 2, Peak + 0.05>, <Wide + 0.7, -0.95>, <Wide + 0.7, -0.35>, <Wide / 2, Peak + 0.75>, <-0.7, -0.35>, <-0.7, -0.95>
			rotate x * -90 translate y * High texture { Snow } }
		#local Side = (rand(R) < 0.5 ? 0.22 : 0.68) * Wide;
		box { <Side, High, Deep * 0.4>, <Side + 1.1, High + Peak + 1.6, Deep * 0.4 + 1.1> Paint(<0.2, 0.1, 0.08>) }
		box { <Side - 0.1, High + Peak + 1.6, Deep * 0.4 - 0.1>, <Side + 1.2, High + Peak + 2, Deep * 0.4 + 1.2> texture { Snow } }
		#for (Y, High - 2.2, -3, -3.1) #for (X, 0.9, Wide - 1.9, (Wide - 2.9) / 2)
			Window(X, Y)
		#end #end
		Window(Wide / 2 - 0.55, High + Peak * 0.22)
	}
#end
#declare Walls = array[7] { <0.34, 0.13, 0.09>, <0.42, 0.3, 0.16>, <0.16, 0.21, 0.26>, <0.5, 0.45, 0.38>, <0.24, 0.1, 0.09>, <0.2, 0.26, 0.22>, <0.45, 0.24, 0.13> };
#for (Row, 0, 10)
	#local X = -130 + rand(R) * 8;
	#while (X < 140)
		#local Wide = 7.4 + rand(R) * 2.6;
		object { House(Wide, 12, 6 + rand(R) * 3.5, Walls[int(rand(R) * 6.99)]) translate <X, Row * 5.4 - 4, -22 + Row * 19> }
		#local X = X + Wide + (rand(R) < 0.3 ? 3.5 : 0.5);
	#end
#end
// The church on the hill, and lamps in the lanes.
union {
	box { <-4, 0, 0>, <4, 36, 8> Paint(<0.22, 0.22, 0.25>) }
	cone { <0, 36, 4>, 5.4, <0, 58, 4>, 0 Paint(<0.12, 0.2, 0.2>) }
	cylinder { <0, 30, -0.2>, <0, 30, 0.2>, 2 Glow(<1.5, 1.2, 0.75>) }
	box { <-0.1, 30, -0.3>, <0.1, 31.6, 0> Paint(0.05) }
	box { <0, 29.9, -0.3>, <1.2, 30.1, 0> Paint(0.05) }
	translate <24, 28, 150>
}
#for (I, 0, 22)
	#local P = <-70 + rand(R) * 150, 0, -26 + int(rand(R) * 7) * 19 - 3>;
	sphere { P + <0, 5 + (P.z + 22) * 0.28 - 4, 0>, 0.32 Glow(<6, 3.6, 1.4>) no_shadow }
	light_source { P + <0, 5 + (P.z + 22) * 0.28 - 4, 0> color rgb <1.1, 0.62, 0.24> fade_distance 4 fade_power 2 }
#end
#for (I, 0, 1500) sphere { <(rand(R) - 0.5) * 90, rand(R) * 50, -52 + rand(R) * 90>, 0.04 + rand(R) * 0.05 texture { pigment { rgb 0.9 } finish { emission 0.35 } } no_shadow } #end
