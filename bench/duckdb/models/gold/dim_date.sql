with

days as (

    select
        unnest(
            generate_series(
                date '{{ var("calendar_start") }}', date '{{ var("calendar_end") }}', interval 1 day
            )
        )::date as calendar_date
    union all
    select null

),

numbered as (

    select
        calendar_date,
        coalesce(strftime(calendar_date, '%Y%m%d')::int, -1) as date_key,
        isoyear(calendar_date)::int as iso_year,
        week(calendar_date)::int as iso_week,
        isodow(calendar_date)::int as weekday_number,
        year(calendar_date)::int as year,
        month(calendar_date)::int as month_number,
        quarter(calendar_date)::int as quarter_number,
        ((month(calendar_date) - 1) // 6 + 1)::int as semester_number,
        (month(calendar_date) % 12 // 3 + 1)::int as season_number,
        day(calendar_date)::int as day_of_month,
        dayofyear(calendar_date)::int as day_of_year
    from days

)

select
    numbered.date_key,
    numbered.calendar_date,
    numbered.year,
    numbered.semester_number,
    numbered.year || '-S' || numbered.semester_number as semester_label,
    numbered.quarter_number,
    numbered.year || '-Q' || numbered.quarter_number as quarter_label,
    numbered.season_number,
    seasons.name_en as season_name_en,
    seasons.name_fr as season_name_fr,
    numbered.month_number,
    strftime(numbered.calendar_date, '%Y-%m') as month_label,
    months.name_en as month_name_en,
    months.name_fr as month_name_fr,
    date_trunc('month', numbered.calendar_date)::date as month_start_date,
    last_day(numbered.calendar_date) as month_end_date,
    numbered.iso_year,
    numbered.iso_week,
    numbered.iso_year || '-W' || lpad(numbered.iso_week::varchar, 2, '0') as iso_week_label,
    date_trunc('week', numbered.calendar_date)::date as week_start_date,
    numbered.day_of_month,
    numbered.day_of_year,
    numbered.weekday_number,
    weekdays.name_en as weekday_name_en,
    weekdays.name_fr as weekday_name_fr,
    public_holiday.holiday_name_en as public_holiday_name_en,
    public_holiday.holiday_name_fr as public_holiday_name_fr,
    numbered.weekday_number >= 6 as is_weekend,
    case when numbered.calendar_date is not null then public_holiday.holiday_date is not null end
        as is_public_holiday,
    numbered.weekday_number < 6 and public_holiday.holiday_date is null as is_working_day,
    numbered.day_of_month = 1 as is_month_start,
    numbered.calendar_date = last_day(numbered.calendar_date) as is_month_end,
    numbered.calendar_date = last_day(numbered.calendar_date) and numbered.month_number % 3 = 0
        as is_quarter_end,
    numbered.day_of_year = 1 as is_year_start,
    numbered.month_number = 12 and numbered.day_of_month = 31 as is_year_end,
    dayofyear(make_date(numbered.year, 12, 31)) = 366 as is_leap_year
from numbered
left join {{ ref('date_names') }} as months
    on numbered.month_number = months.number and months.part = 'month'
left join {{ ref('date_names') }} as weekdays
    on numbered.weekday_number = weekdays.number and weekdays.part = 'weekday'
left join {{ ref('date_names') }} as seasons
    on numbered.season_number = seasons.number and seasons.part = 'season'
left join {{ ref('public_holiday') }} as public_holiday
    on numbered.calendar_date = public_holiday.holiday_date
